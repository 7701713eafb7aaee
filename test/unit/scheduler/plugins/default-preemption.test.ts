import test from 'ava';
import { DEFAULT_PROFILE } from '#scheduler/default-profile.ts';
import { preempt, type Preemption } from '#scheduler/plugins/default-preemption/default-preemption.ts';
import type { ClusterCache } from '#scheduler/cache/cluster-cache.ts';
import { podInfo, type PodInfo } from '#scheduler/framework/pod-info.ts';
import { buildAlgorithm, buildInfo, buildNode, seededRandom } from '../builders.ts';
import { clusterWith } from './plugins-harness.ts';

const pod = (name: string, cpu: string, priority = 0, startTime = '2026-01-01T00:00:00Z') => buildInfo(name, { requests: { cpu }, spec: { priority }, startTime });

function planFor(wanted: PodInfo, cluster: ClusterCache): Preemption {
  const decision = buildAlgorithm().decide({ pod: wanted, snapshot: cluster });
  if (decision.type === 'place') throw new Error('the pod fits');
  return preempt({ pod: wanted, snapshot: cluster }, decision.diagnosis, { filters: DEFAULT_PROFILE.filters, random: seededRandom(1) });
}

const victimsOf = (plan: Preemption): readonly string[] => (plan.type === 'evict' ? [plan.nodeName, ...plan.victims.map((v) => v.pod.metadata.name!)] : [plan.message]);

test('no more pods go than must, the least important ones', (t) => {
  const cluster = clusterWith([buildNode('a')], { a: [pod('low', '2', 1), pod('mid', '1', 5), pod('equal', '1', 10)] });
  t.deepEqual(victimsOf(planFor(pod('vip', '2', 10), cluster)), ['a', 'low']);
  t.is(cluster.node('a')?.pods.size, 3, 'the plan changes nothing');
});

test('the node whose victims matter least is chosen', (t) => {
  const cluster = clusterWith([buildNode('a'), buildNode('b'), buildNode('c')], {
    a: [pod('a1', '4', 5)], b: [pod('b1', '2', 1), pod('b2', '2', 1)], c: [pod('c1', '4', 1, '2026-01-02T00:00:00Z')],
  });
  t.deepEqual(victimsOf(planFor(pod('vip', '4', 10), cluster)), ['c', 'c1']);
});

test('a disruption budget is broken only when nothing else helps', (t) => {
  const budgets = (p: PodInfo) => (p.pod.metadata.name === 'guarded' ? [{ key: 'default/budget', allowed: 0 }] : []);
  const cluster = clusterWith([buildNode('a'), buildNode('b')], { a: [pod('guarded', '4', 1)], b: [pod('other', '4', 9)] }, { budgets });
  t.deepEqual(victimsOf(planFor(pod('vip', '4', 10), cluster)), ['b', 'other']);
});

test('anti-affinity with less important pods is resolved too', (t) => {
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }] } };
  const other = buildInfo('other', { labels: { app: 'x' } });
  const cluster = clusterWith([buildNode('a')], { a: [other] });
  t.deepEqual(victimsOf(planFor(buildInfo('vip', { spec: { priority: 1, affinity } }), cluster)), ['a', 'other']);
});

test('what preemption cannot do is said as Kubernetes says it', (t) => {
  const cluster = clusterWith([buildNode('a'), buildNode('b', { spec: { unschedulable: true } })], { a: [pod('x', '3', 10)] });
  t.deepEqual(victimsOf(planFor(pod('p', '2', 10), cluster)), [
    '0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  ]);
  const meek = buildInfo('meek', { requests: { cpu: '2' }, spec: { priority: 99, preemptionPolicy: 'Never' } });
  t.deepEqual(victimsOf(planFor(meek, cluster)), ['not eligible due to preemptionPolicy=Never.']);
});

test('why the pod would not fit even without the less important ones is said of each node', (t) => {
  const cluster = clusterWith([buildNode('a'), buildNode('b'), buildNode('c', { spec: { unschedulable: true } })], { a: [pod('a1', '2', 1), pod('a2', '2', 10)], b: [pod('b1', '4', 10)] });
  t.deepEqual(victimsOf(planFor(pod('p', '3', 10), cluster)), [
    '0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  ]);
});

const going = (name: string, reason: string): PodInfo => {
  const { pod: p } = pod(name, '2', 1);
  return podInfo({ ...p, metadata: { ...p.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { ...p.status, conditions: [{ type: 'DisruptionTarget', status: 'True', reason }] } });
};
const promised = (cpu: string): PodInfo => {
  const { pod: p } = pod('vip', cpu, 10);
  return podInfo({ ...p, status: { ...p.status, nominatedNodeName: 'a' } });
};

test('a pod waits for those that it has preempted, and for nobody else', (t) => {
  const waiting = clusterWith([buildNode('a')], { a: [going('gone', 'PreemptionByScheduler'), pod('low', '2', 1)] });
  t.like(planFor(promised('2'), waiting), { type: 'none', message: 'not eligible due to a terminating pod on the nominated node.', isTried: false });
  const other = clusterWith([buildNode('a')], { a: [going('gone', 'EvictionByEvictionAPI'), pod('low', '2', 1)] });
  t.is(planFor(promised('2'), other).type, 'evict');
});

test('a pod whose node can help no more looks for another', (t) => {
  const cluster = clusterWith([buildNode('a', { spec: { unschedulable: true } }), buildNode('b')], { a: [going('gone', 'PreemptionByScheduler')], b: [pod('low', '4', 1)] });
  t.deepEqual(victimsOf(planFor(promised('2'), cluster)), ['b', 'low']);
});
