import test from 'ava';
import type { TopologySpreadConstraint } from '#api/generated/core/v1.ts';
import { podTopologySpread, podTopologySpreadScore } from '#scheduler/plugins/pod-topology-spread/pod-topology-spread.ts';
import { buildInfo, buildNode } from '../builders.ts';
import { clusterWith, scores, verdicts } from './plugins-harness.ts';

const ZONE = 'topology.kubernetes.io/zone';
const WEB = { app: 'web' };
const SKEWED = "node(s) didn't match pod topology spread constraints";
const nodes = [buildNode('a1', { labels: { [ZONE]: 'a' } }), buildNode('b1', { labels: { [ZONE]: 'b' } }), buildNode('none')];
const web = (name: string, namespace?: string) => buildInfo(name, { labels: WEB, ...(namespace ? { namespace } : {}) });

function spreading(constraint: Partial<TopologySpreadConstraint> = {}) {
  const topologySpreadConstraints = [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: { matchLabels: WEB }, ...constraint }];
  return buildInfo('p', { labels: WEB, spec: { topologySpreadConstraints } });
}

test('no zone gets more than maxSkew above the emptiest; nodes without the label are out', (t) => {
  const cluster = clusterWith(nodes, { a1: [web('x'), web('other-namespace', 'else')] });
  t.deepEqual(verdicts(podTopologySpread, spreading(), cluster), { a1: SKEWED, b1: null, none: `${SKEWED} (missing required label)` });
  t.is(verdicts(podTopologySpread, spreading({ maxSkew: 2 }), cluster)['a1'], null);
});

test('terminating pods do not count', (t) => {
  const leaving = { ...web('x'), isTerminating: true };
  t.is(verdicts(podTopologySpread, spreading(), clusterWith(nodes, { a1: [leaving] }))['a1'], null);
});

test('with fewer zones than minDomains, the missing ones count as empty', (t) => {
  const cluster = clusterWith(nodes, { a1: [web('x')], b1: [web('y')] });
  t.is(verdicts(podTopologySpread, spreading(), cluster)['a1'], null);
  t.is(verdicts(podTopologySpread, spreading({ minDomains: 3 }), cluster)['a1'], SKEWED);
});

test('nodes that the pod cannot use take no part, unless the policy says Ignore', (t) => {
  const cluster = clusterWith([...nodes, buildNode('c1', { labels: { [ZONE]: 'c', pool: 'other' } })], { a1: [web('x')], b1: [web('y')] });
  const limited = (nodeAffinityPolicy: 'Honor' | 'Ignore') => {
    const { spec } = spreading({ nodeAffinityPolicy }).pod;
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'DoesNotExist' as const }] }] } } };
    return buildInfo('p', { labels: WEB, spec: { ...spec, affinity } });
  };
  t.is(verdicts(podTopologySpread, limited('Honor'), cluster)['a1'], null);
  t.is(verdicts(podTopologySpread, limited('Ignore'), cluster)['a1'], SKEWED);
});

test('counters follow pods and nodes', (t) => {
  const cluster = clusterWith(nodes, { a1: [web('x')] });
  t.is(verdicts(podTopologySpread, spreading(), cluster)['a1'], SKEWED);
  cluster.place(web('y'), 'b1');
  t.is(verdicts(podTopologySpread, spreading(), cluster)['a1'], null);
  cluster.remove('uid-y');
  t.is(verdicts(podTopologySpread, spreading(), cluster)['a1'], SKEWED);
  cluster.removeNode('b1');
  t.is(verdicts(podTopologySpread, spreading(), cluster)['a1'], null, 'the only zone left is the emptiest');
});

test('ScheduleAnyway prefers emptier zones', (t) => {
  const cluster = clusterWith(nodes.slice(0, 2), { a1: [web('x'), web('y')] });
  const result = scores(podTopologySpreadScore, spreading({ whenUnsatisfiable: 'ScheduleAnyway' }), cluster);
  t.deepEqual(result, { a1: 0, b1: 100 });
});

test('pods of a workload spread over hosts and zones with no word in the pod', (t) => {
  const cluster = clusterWith(nodes.slice(0, 2), { a1: [web('x')] }, { workloadSelector: { matchLabels: WEB } });
  const result = scores(podTopologySpreadScore, web('p'), cluster)!;
  t.true(result['b1']! > result['a1']!);
});

test('a selector of everything counts nobody', (t) => {
  const cluster = clusterWith(nodes.slice(0, 2), { a1: [web('x'), web('y')] });
  t.deepEqual(verdicts(podTopologySpread, spreading({ labelSelector: {} }), cluster), { a1: null, b1: null });
});

test('a topology weighs by what there is to choose from', (t) => {
  const zoned = (name: string, zone: string) => buildNode(name, { labels: { [ZONE]: zone } });
  const cluster = clusterWith([zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b'), zoned('c1', 'c'), zoned('d1', 'd'), zoned('e1', 'e')], { a1: [web('1')], a2: [web('2'), web('3')], b1: [web('4')] });
  const topologySpreadConstraints = [ZONE, 'kubernetes.io/hostname'].map((topologyKey) => ({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway' as const, labelSelector: { matchLabels: WEB } }));
  const pod = buildInfo('p', { labels: WEB, spec: { topologySpreadConstraints } });
  const feasible = cluster.nodes.filter(({ name }) => ['a1', 'a2', 'b1'].includes(name));
  const result = podTopologySpreadScore.score({ pod, snapshot: cluster }, feasible)!;
  // Two zones, three hosts: round(3 ln 4 + 1 ln 5) = 6, round(3 ln 4 + 2 ln 5) = 7, round(ln 4 + ln 5) = 3.
  t.deepEqual(Object.fromEntries(feasible.map(({ name }, i) => [name, result[i]])), { a1: 57, a2: 42, b1: 100 });
});
