import test from 'ava';
import type { NodeSelectorRequirement } from '#api/generated/core/v1.ts';
import { nodeAffinity, nodeAffinityScore } from '#scheduler/plugins/node-affinity/node-affinity.ts';
import { buildCluster, buildInfo, buildNode } from '../builders.ts';
import { scores, verdicts } from './plugins-harness.ts';

const cluster = buildCluster([buildNode('a', { labels: { disk: 'ssd', cores: '8' } }), buildNode('b', { labels: { disk: 'hdd', cores: '64' } }), buildNode('c')]);
const MISMATCH = "node(s) didn't match Pod's node affinity/selector";

function required(...matchExpressions: readonly NodeSelectorRequirement[]) {
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } };
  return buildInfo('p', { spec: { affinity } });
}

for (const [requirement, fits] of [
  [{ key: 'disk', operator: 'In', values: ['ssd', 'nvme'] }, 'a'],
  [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }, 'bc'],
  [{ key: 'disk', operator: 'Exists' }, 'ab'],
  [{ key: 'disk', operator: 'DoesNotExist' }, 'c'],
  [{ key: 'cores', operator: 'Gt', values: ['8'] }, 'b'],
  [{ key: 'cores', operator: 'Lt', values: ['9'] }, 'a'],
] as readonly (readonly [NodeSelectorRequirement, string])[]) {
  test(`${requirement.key} ${requirement.operator} ${requirement.values ?? ''} fits ${fits}`, (t) => {
    const expected = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, fits.includes(name) ? null : MISMATCH]));
    t.deepEqual(verdicts(nodeAffinity, required(requirement), cluster), expected);
  });
}

test('nodeSelector and affinity must both hold', (t) => {
  const pod = buildInfo('p', { spec: { ...required({ key: 'disk', operator: 'Exists' }).pod.spec, nodeSelector: { cores: '64' } } });
  t.deepEqual(verdicts(nodeAffinity, pod, cluster), { a: MISMATCH, b: null, c: MISMATCH });
});

test('a term that names nodes limits the search to them', (t) => {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['c'] }] }];
  const pod = buildInfo('p', { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } });
  const result = nodeAffinity.preFilter({ pod, snapshot: cluster });
  t.deepEqual(result.type === 'filter' && result.nodeNames, new Set(['c']));
  t.deepEqual(verdicts(nodeAffinity, pod, cluster), { a: MISMATCH, b: MISMATCH, c: null });
});

test('preferred terms add their weights', (t) => {
  const prefer = (weight: number, key: string) => ({ weight, preference: { matchExpressions: [{ key, operator: 'Exists' as const }] } });
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer(30, 'disk'), { weight: 10, preference: { matchExpressions: [{ key: 'cores', operator: 'Gt' as const, values: ['8'] }] } }] } };
  t.deepEqual(scores(nodeAffinityScore, buildInfo('p', { spec: { affinity } }), cluster), { a: 75, b: 100, c: 0 });
});

test('a term whose names contradict one another names nobody, and the pod hears of it', (t) => {
  const named = (...values: readonly string[]) => ({ key: 'metadata.name', operator: 'In' as const, values });
  const requiring = (...nodeSelectorTerms: readonly { readonly matchFields: readonly NodeSelectorRequirement[] }[]) =>
    nodeAffinity.preFilter({ pod: buildInfo('p', { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } }), snapshot: cluster });
  t.deepEqual(requiring({ matchFields: [named('a'), named('b')] }), { type: 'reject', message: 'pod affinity terms conflict' });
  t.like(requiring({ matchFields: [named('a', 'c'), named('c')] }, { matchFields: [named('b')] }), { type: 'filter', nodeNames: new Set(['c', 'b']) });
});
