import test from 'ava';
import fc from 'fast-check';
import type { ClusterCache } from '#scheduler/cache/cluster-cache.ts';
import { DEFAULT_PROFILE } from '#scheduler/default-profile.ts';
import { describe } from '#scheduler/framework/diagnosis.ts';
import { firstRejection, prepareFilters } from '#scheduler/framework/fit.ts';
import type { PodInfo } from '#scheduler/framework/pod-info.ts';
import { enoughNodes } from '#scheduler/scheduling-algorithm.ts';
import { buildAlgorithm, buildCluster, buildInfo, buildNode, type PodOptions } from './builders.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const GPU_TAINT = { key: 'gpu', effect: 'NoSchedule' as const };

const arbitraryNode = fc.record({ cpu: fc.integer({ min: 1, max: 4 }), pods: fc.integer({ min: 1, max: 6 }), zone: fc.nat(2), tainted: fc.boolean() });
const arbitraryPod = fc.record({
  cpu: fc.integer({ min: 0, max: 2000 }), app: fc.constantFrom('web', 'db'), tolerates: fc.boolean(),
  wants: fc.constantFrom('nothing', 'alone', 'near-db', 'spread', 'zone-1', 'port'),
});
type Wish = typeof arbitraryPod extends fc.Arbitrary<infer T> ? T : never;
const clusters = fc.array(arbitraryNode, { minLength: 1, maxLength: 8 });
const workloads = fc.array(arbitraryPod, { maxLength: 20 });

function podOf({ cpu, app, tolerates, wants }: Wish, index: number): PodInfo {
  const select = (value: string) => ({ matchLabels: { app: value } });
  const specs: Readonly<Record<string, PodOptions['spec']>> = {
    alone: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: select(app) }] } } },
    'near-db': { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: select('db') }] } } },
    spread: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: select(app) }] },
    'zone-1': { nodeSelector: { [ZONE]: 'z1' } },
    port: { containers: [{ name: 'c', image: 'app', ports: [{ containerPort: 80, hostPort: 80 }], resources: { requests: { cpu: `${cpu}m` } } }] },
  };
  const spec = { ...specs[wants], ...(tolerates ? { tolerations: [{ operator: 'Exists' as const }] } : {}) };
  return buildInfo(`p${index}`, { labels: { app }, requests: { cpu: `${cpu}m` }, spec });
}

function clusterOf(nodes: readonly { readonly cpu: number; readonly pods: number; readonly zone: number; readonly tainted: boolean }[]): ClusterCache {
  return buildCluster(nodes.map(({ cpu, pods, zone, tainted }, i) =>
    buildNode(`n${i}`, { allocatable: { cpu: `${cpu}`, pods: `${pods}` }, labels: { [ZONE]: `z${zone}` }, spec: tainted ? { taints: [GPU_TAINT] } : {} }),
  ));
}

function planOf(cluster: ClusterCache, pods: readonly PodInfo[], seed: number, onPlaced: (pod: PodInfo, nodeName: string) => void = () => {}): readonly string[] {
  const algorithm = buildAlgorithm(seed);
  return pods.map((pod) => {
    const decision = algorithm.decide({ pod, snapshot: cluster });
    if (decision.type === 'reject') return 'rejected';
    onPlaced(pod, decision.nodeName);
    cluster.assume(pod, decision.nodeName);
    return decision.nodeName;
  });
}

test('never over-commits a node', (t) => {
  fc.assert(fc.property(clusters, workloads, (nodes, wishes) => {
    const cluster = clusterOf(nodes);
    planOf(cluster, wishes.map(podOf), 1);
    for (const node of cluster.nodes) {
      t.true((node.requested['cpu'] ?? 0) <= (node.allocatable['cpu'] as number));
      t.true(node.pods.size <= (node.allocatable['pods'] as number));
    }
  }), { numRuns: 60 });
});

test('respects what pods require, judged from nothing but the pods on the nodes', (t) => {
  fc.assert(fc.property(clusters, workloads, (nodes, wishes) => {
    const cluster = clusterOf(nodes);
    const pods = wishes.map(podOf);
    const wishOf = new Map(pods.map((pod, i) => [pod.uid, wishes[i] as Wish]));
    planOf(cluster, pods, 1, (pod, nodeName) => {
      const node = cluster.node(nodeName)!;
      const wish = wishOf.get(pod.uid)!;
      const all = cluster.nodes.flatMap((n) => [...n.pods.values()].map((other) => ({ other, wish: wishOf.get(other.uid)!, node: n })));
      const here = all.filter((entry) => entry.node === node);
      t.true(node.taints.length === 0 || wish.tolerates);
      if (wish.wants === 'alone') t.false(here.some((entry) => entry.wish.app === wish.app));
      t.false(here.some((entry) => entry.wish.wants === 'alone' && entry.wish.app === wish.app), 'those who were here want to stay alone');
      if (wish.wants === 'port') t.false(here.some((entry) => entry.wish.wants === 'port'));
      if (wish.wants === 'zone-1') t.is(node.labels[ZONE], 'z1');
      if (wish.wants === 'near-db' && all.some((entry) => entry.wish.app === 'db')) {
        t.true(all.some((entry) => entry.wish.app === 'db' && entry.node.labels[ZONE] === node.labels[ZONE]));
      }
      if (wish.wants === 'spread') {
        const zones = new Set(cluster.nodes.map((n) => n.labels[ZONE]));
        const count = (zone: string | undefined) => all.filter((entry) => entry.wish.app === wish.app && entry.node.labels[ZONE] === zone).length;
        t.true(count(node.labels[ZONE]) + 1 - Math.min(...[...zones].map(count)) <= 1);
      }
    });
  }), { numRuns: 60 });
});

test('rejects only when no node fits', (t) => {
  fc.assert(fc.property(clusters, workloads, (nodes, wishes) => {
    const cluster = clusterOf(nodes);
    const pods = wishes.map(podOf);
    const plan = planOf(cluster, pods, 1);
    const last = pods.at(-1);
    if (last === undefined || plan.at(-1) !== 'rejected') return;
    const filters = prepareFilters(DEFAULT_PROFILE.filters, { pod: last, snapshot: cluster });
    t.true(cluster.nodes.every((node) => firstRejection(filters, node) !== undefined));
  }), { numRuns: 60 });
});

test('the same snapshot and seed give the same plan', (t) => {
  fc.assert(fc.property(clusters, workloads, fc.nat(), (nodes, wishes, seed) => {
    t.deepEqual(planOf(clusterOf(nodes), wishes.map(podOf), seed), planOf(clusterOf(nodes), wishes.map(podOf), seed));
  }), { numRuns: 30 });
});

test('equal nodes share the pods evenly', (t) => {
  const cluster = buildCluster(Array.from({ length: 10 }, (_, i) => buildNode(`n${i}`)));
  planOf(cluster, Array.from({ length: 40 }, (_, i) => buildInfo(`p${i}`, { requests: { cpu: '100m' } })), 7);
  t.true(cluster.nodes.every((node) => node.pods.size === 4));
});

test('how many nodes are enough falls as clusters grow', (t) => {
  t.deepEqual([50, 100, 200, 1000, 5000, 15000].map(enoughNodes), [50, 100, 100, 420, 500, 750]);
});

test('room that was promised to a more important pod is not given away', (t) => {
  const cluster = buildCluster([buildNode('a')]);
  const promised = buildInfo('vip', { requests: { cpu: '3' }, spec: { priority: 10 } });
  const algorithm = buildAlgorithm(1, (nodeName) => (nodeName === 'a' ? [promised] : []));
  t.is(algorithm.decide({ pod: buildInfo('p', { requests: { cpu: '2' } }), snapshot: cluster }).type, 'reject');
  t.is(algorithm.decide({ pod: buildInfo('q', { requests: { cpu: '2' }, spec: { priority: 11 } }), snapshot: cluster }).type, 'place');
  t.is(cluster.node('a')?.pods.size, 0);
});

test('the reason reads as in Kubernetes', (t) => {
  const message = (pod: PodInfo, cluster: ClusterCache): string => {
    const decision = buildAlgorithm().decide({ pod, snapshot: cluster });
    return decision.type === 'reject' ? describe(decision.diagnosis) : '';
  };
  const cluster = buildCluster([
    buildNode('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } }), buildNode('b', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }), buildNode('c'),
  ]);
  t.is(message(buildInfo('p', { requests: { cpu: '9' } }), cluster), '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).');
  t.is(message(buildInfo('p'), buildCluster([])), 'no nodes available to schedule pods');
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['c'] }] }];
  const daemon = buildInfo('p', { requests: { cpu: '9' }, spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } });
  t.is(message(daemon, cluster), "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].");
});

test('terms that contradict one another are the reason for all nodes', (t) => {
  const named = (name: string) => ({ key: 'metadata.name', operator: 'In' as const, values: [name] });
  const nodeSelectorTerms = [{ matchFields: [named('a'), named('b')] }];
  const pod = buildInfo('p', { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } });
  const cluster = buildCluster([buildNode('a'), buildNode('b')]);
  const decision = buildAlgorithm().decide({ pod, snapshot: cluster });
  t.is(decision.type === 'reject' ? describe(decision.diagnosis, '0/2 nodes are available: 2 Preemption is not helpful for scheduling.') : '',
    '0/2 nodes are available: pod affinity terms conflict. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.');
});
