import test from 'ava';
import { nodeName } from '#scheduler/plugins/node-name/node-name.ts';
import { nodePorts } from '#scheduler/plugins/node-ports/node-ports.ts';
import { nodeUnschedulable } from '#scheduler/plugins/node-unschedulable/node-unschedulable.ts';
import { imageLocality } from '#scheduler/plugins/image-locality/image-locality.ts';
import { buildCluster, buildInfo, buildNode } from '../builders.ts';
import { clusterWith, scores, verdicts } from './plugins-harness.ts';

test('node-name: only the named node will do', (t) => {
  const cluster = buildCluster([buildNode('a'), buildNode('b')]);
  const pod = buildInfo('p', { spec: { nodeName: 'b' } });
  t.deepEqual(verdicts(nodeName, pod, cluster), { a: "node(s) didn't match the requested node name", b: null });
  t.deepEqual(verdicts(nodeName, buildInfo('q'), cluster), { a: null, b: null });
});

test('node-unschedulable: a cordoned node takes only pods that tolerate it', (t) => {
  const cluster = buildCluster([buildNode('a', { spec: { unschedulable: true } }), buildNode('b')]);
  t.deepEqual(verdicts(nodeUnschedulable, buildInfo('p'), cluster), { a: 'node(s) were unschedulable', b: null });
  const tolerant = buildInfo('q', { spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] } });
  t.deepEqual(verdicts(nodeUnschedulable, tolerant, cluster), { a: null, b: null });
});

const withPort = (name: string, hostPort: number, extra: { readonly hostIP?: string; readonly protocol?: 'UDP' } = {}) =>
  buildInfo(name, { spec: { containers: [{ name: 'c', image: 'app', ports: [{ containerPort: 80, hostPort, ...extra }] }] } });

test('node-ports: a host port is held by one pod of a node, per address and protocol', (t) => {
  const cluster = clusterWith([buildNode('a'), buildNode('b')], { a: [withPort('x', 80)], b: [withPort('y', 80, { hostIP: '10.0.0.1' })] });
  const taken = "node(s) didn't have free ports for the requested pod ports";
  t.deepEqual(verdicts(nodePorts, withPort('p', 80), cluster), { a: taken, b: taken });
  t.deepEqual(verdicts(nodePorts, withPort('q', 80, { hostIP: '10.0.0.2' }), cluster), { a: taken, b: null });
  t.deepEqual(verdicts(nodePorts, withPort('r', 80, { protocol: 'UDP' }), cluster), { a: null, b: null });
  t.deepEqual(verdicts(nodePorts, withPort('s', 81), cluster), { a: null, b: null });
});

test('image-locality: a node that has a large image is better', (t) => {
  const image = { names: ['registry:5000/app:latest'], sizeBytes: 600 * 1024 * 1024 };
  const cluster = buildCluster([buildNode('a', { images: [image] }), buildNode('b')]);
  const pod = buildInfo('p', { spec: { containers: [{ name: 'c', image: 'registry:5000/app' }] } });
  t.deepEqual(scores(imageLocality, pod, cluster), { a: 28, b: 0 });
  t.is(scores(imageLocality, buildInfo('q'), cluster), undefined);
});

test('image-locality: each image counts in whole bytes', (t) => {
  const images = [{ names: ['a:1'], sizeBytes: 231_420_723 }, { names: ['b:1'], sizeBytes: 231_420_725 }];
  const cluster = buildCluster([buildNode('a', { images }), buildNode('b')]);
  const pod = buildInfo('p', { spec: { containers: [{ name: 'a', image: 'a:1' }, { name: 'b', image: 'b:1' }] } });
  t.deepEqual(scores(imageLocality, pod, cluster), { a: 9, b: 0 });
});
