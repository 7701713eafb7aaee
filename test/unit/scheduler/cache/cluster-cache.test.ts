import test from 'ava';
import fc from 'fast-check';
import type { ClusterCache } from '#scheduler/cache/cluster-cache.ts';
import { podInfo, type PodInfo } from '#scheduler/framework/pod-info.ts';
import type { CountQuery } from '#scheduler/framework/topology-counter.ts';
import { buildCluster, buildInfo, buildNode, buildPod } from '../builders.ts';

const ZONE = 'topology.kubernetes.io/zone';
const byZone: CountQuery = { signature: 'zone', topologyKey: ZONE, counts: (pod) => pod.labels['app'] === 'web' };
const cpuOf = (cluster: ClusterCache, name: string): number => cluster.node(name)?.requested['cpu'] ?? 0;

test('an assumed pod counts, until it is forgotten or the watch confirms it', (t) => {
  const cluster = buildCluster([buildNode('a')]);
  const pod = buildInfo('p', { requests: { cpu: '1' } });
  cluster.assume(pod, 'a');
  t.is(cpuOf(cluster, 'a'), 1000);
  cluster.forget(pod);
  t.is(cpuOf(cluster, 'a'), 0);
  cluster.assume(pod, 'a');
  cluster.place(podInfo(pod.pod), 'a');
  cluster.forget(pod);
  t.is(cpuOf(cluster, 'a'), 1000, 'a late failure does not undo what the API confirmed');
});

test('the watch corrects an assumption about the node', (t) => {
  const cluster = buildCluster([buildNode('a'), buildNode('b')]);
  const pod = buildInfo('p', { requests: { cpu: '1' } });
  cluster.assume(pod, 'a');
  cluster.place(pod, 'b');
  t.deepEqual([cpuOf(cluster, 'a'), cpuOf(cluster, 'b')], [0, 1000]);
});

test('pods of a node that comes later, or comes again, are on it', (t) => {
  const cluster = buildCluster([]);
  cluster.place(buildInfo('p', { requests: { cpu: '1' } }), 'a');
  cluster.setNode(buildNode('a'));
  t.is(cpuOf(cluster, 'a'), 1000);
  cluster.removeNode('a');
  cluster.setNode(buildNode('a'));
  t.is(cpuOf(cluster, 'a'), 1000);
});

test('nodes are listed zone by turn', (t) => {
  const nodes = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((name) => buildNode(name, { labels: { [ZONE]: name[0]! } }));
  t.deepEqual(buildCluster(nodes).nodes.map((node) => node.name), ['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

type Step =
  | { readonly type: 'node'; readonly node: number; readonly zone: number }
  | { readonly type: 'remove-node'; readonly node: number }
  | { readonly type: 'place'; readonly pod: number; readonly node: number; readonly app: string }
  | { readonly type: 'remove'; readonly pod: number }
  | { readonly type: 'suppose'; readonly node: number };

const small = fc.nat(4);
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('node' as const), node: small, zone: fc.nat(2) }),
    fc.record({ type: fc.constant('remove-node' as const), node: small }),
    fc.record({ type: fc.constant('place' as const), pod: fc.nat(9), node: small, app: fc.constantFrom('web', 'db') }),
    fc.record({ type: fc.constant('remove' as const), pod: fc.nat(9) }),
    fc.record({ type: fc.constant('suppose' as const), node: small }),
  ),
  { maxLength: 40 },
);

function apply(cluster: ClusterCache, step: Step): void {
  switch (step.type) {
    case 'node': return cluster.setNode(buildNode(`n${step.node}`, { labels: { [ZONE]: `z${step.zone}` } }));
    case 'remove-node': return cluster.removeNode(`n${step.node}`);
    case 'place': return cluster.place(labelled(`p${step.pod}`, step.app), `n${step.node}`);
    case 'remove': return cluster.remove(`uid-p${step.pod}`);
    case 'suppose': {
      const node = cluster.node(`n${step.node}`);
      if (node) cluster.supposing(node, { absent: [...node.pods.values()], present: [labelled('guest', 'web')] }, () => cluster.count(byZone));
    }
  }
}

const labelled = (name: string, app: string): PodInfo => podInfo(buildPod(name, { labels: { app }, requests: { cpu: '100m' } }));

test('counters that followed every change equal those made afresh', (t) => {
  fc.assert(
    fc.property(steps, (all) => {
      const cluster = buildCluster([]);
      cluster.count(byZone);
      for (const step of all) apply(cluster, step);
      const followed = cluster.count(byZone);
      const fresh = cluster.count({ ...byZone, signature: 'afresh' });
      t.deepEqual([followed.total, followed.size, followed.minimum()], [fresh.total, fresh.size, fresh.minimum()]);
      for (const node of cluster.nodes) {
        t.deepEqual(followed.domainOf(node), fresh.domainOf(node));
        t.is(node.requested['cpu'] ?? 0, node.pods.size * 100);
      }
    }),
  );
});
