import test from 'ava';
import { balancedAllocation } from '#scheduler/plugins/node-resources-fit/balanced-allocation.ts';
import { leastAllocated } from '#scheduler/plugins/node-resources-fit/least-allocated.ts';
import { nodeResourcesFit } from '#scheduler/plugins/node-resources-fit/node-resources-fit.ts';
import { buildInfo, buildNode } from '../builders.ts';
import { clusterWith, scores, verdicts } from './plugins-harness.ts';

test('what pods asked for is no longer free; every lack is named', (t) => {
  const cluster = clusterWith(
    [buildNode('free'), buildNode('busy'), buildNode('full', { allocatable: { pods: '1' } }), buildNode('gpu', { allocatable: { 'example.com/gpu': '2' } })],
    { busy: [buildInfo('x', { requests: { cpu: '3500m', memory: '7Gi' } })], full: [buildInfo('y')] },
  );
  t.deepEqual(verdicts(nodeResourcesFit, buildInfo('p', { requests: { cpu: '1', memory: '2Gi' } }), cluster), {
    free: null, busy: 'Insufficient cpu, Insufficient memory', full: 'Too many pods', gpu: null,
  });
  t.deepEqual(verdicts(nodeResourcesFit, buildInfo('q', { requests: { 'example.com/gpu': '1' } }), cluster), {
    free: 'Insufficient example.com/gpu', busy: 'Insufficient example.com/gpu', full: 'Too many pods, Insufficient example.com/gpu', gpu: null,
  });
});

test('only what other pods hold can be freed by preemption', (t) => {
  const cluster = clusterWith([buildNode('a')], { a: [buildInfo('x', { requests: { cpu: '3' } })] });
  const node = cluster.nodes[0]!;
  const rejectionOf = (cpu: string) => {
    const result = nodeResourcesFit.preFilter({ pod: buildInfo('p', { requests: { cpu } }), snapshot: cluster });
    return result.type === 'filter' ? result.filter(node)?.isResolvable : undefined;
  };
  t.true(rejectionOf('2'));
  t.false(rejectionOf('5'));
});

test('emptier nodes and balanced nodes score higher', (t) => {
  const cluster = clusterWith([buildNode('empty'), buildNode('half')], { half: [buildInfo('x', { requests: { cpu: '2', memory: '1Gi' } })] });
  const pod = buildInfo('p', { requests: { cpu: '1', memory: '2Gi' } });
  t.deepEqual(scores(leastAllocated, pod, cluster), { empty: 75, half: 43 });
  t.deepEqual(scores(balancedAllocation, pod, cluster), { empty: 100, half: 81 });
});

test('what a node does not have at all does not count for its score', (t) => {
  const cluster = clusterWith([buildNode('plain'), buildNode('no-memory', { allocatable: { memory: '0' } })], {});
  const pod = buildInfo('p', { requests: { cpu: '1', memory: '2Gi' } });
  t.deepEqual(scores(leastAllocated, pod, cluster), { plain: 75, 'no-memory': 75 });
  t.deepEqual(scores(balancedAllocation, pod, cluster), { plain: 100, 'no-memory': 100 });
});

test('a node that takes no pods at all might yet, as Kubernetes sees it', (t) => {
  const cluster = clusterWith([buildNode('a', { allocatable: { pods: '0' } })], {});
  const result = nodeResourcesFit.preFilter({ pod: buildInfo('p'), snapshot: cluster });
  t.like(result.type === 'filter' && result.filter(cluster.nodes[0]!), { reasons: ['Too many pods'], isResolvable: true });
});
