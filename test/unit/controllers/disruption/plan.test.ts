import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import { isSameStatus, planDisruptions, type ExpectedPods } from '#controllers/disruption/plan.ts';

const NOW = '2026-01-01T00:00:00Z';
const nowMs = Date.parse(NOW);
const pod = (name: string, { isReady = true, isGoing = false } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, ...(isGoing ? { deletionTimestamp: NOW } : {}) }, spec: { containers: [] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const budget = (spec: object, status?: object): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', generation: 1 }, spec, ...(status ? { status } : {}) } as PodDisruptionBudget);
const plan = (spec: object, pods: readonly Pod[], expected: ExpectedPods = { count: pods.length, unmanaged: [] }, status?: object) => planDisruptions({ budget: budget(spec, status), pods, expected, nowMs, now: NOW });
const THREE = ['a', 'b', 'c'].map((name) => pod(name));

for (const [title, spec, pods, wanted] of [
  ['a whole number of healthy pods', { minAvailable: 2 }, THREE, { desiredHealthy: 2, expectedPods: 3, disruptionsAllowed: 1 }],
  ['a share of healthy pods, rounded up', { minAvailable: '50%' }, THREE, { desiredHealthy: 2, disruptionsAllowed: 1 }],
  ['a number of pods that may be missing', { maxUnavailable: 1 }, THREE, { desiredHealthy: 2, disruptionsAllowed: 1 }],
  ['a share of pods that may be missing, rounded up', { maxUnavailable: '34%' }, THREE, { desiredHealthy: 1, disruptionsAllowed: 2 }],
  ['pods that are not ready or going are not healthy', { minAvailable: 1 }, [pod('a'), pod('b', { isReady: false }), pod('c', { isGoing: true })], { currentHealthy: 1, disruptionsAllowed: 0 }],
  ['a budget that asks for nothing expects nothing, and allows nothing', {}, THREE, { desiredHealthy: 0, expectedPods: 0, disruptionsAllowed: 0, currentHealthy: 3 }],
  ['nothing is allowed without pods', { minAvailable: 0 }, [], { disruptionsAllowed: 0 }],
] as const) test(title, (t) => t.like(plan(spec, pods).status, wanted));

test('a granted eviction counts until its pod goes, or two minutes have passed', (t) => {
  const fresh = plan({ minAvailable: 1 }, THREE, undefined, { disruptedPods: { a: '2025-12-31T23:59:00Z', gone: NOW } });
  t.like(fresh.status, { currentHealthy: 2, disruptionsAllowed: 1, disruptedPods: { a: '2025-12-31T23:59:00Z' } });
  t.is(fresh.recheckMs, 60_000);
  const late = plan({ minAvailable: 1 }, THREE, undefined, { disruptedPods: { a: '2025-12-31T23:58:00Z' } });
  t.is(late.status.disruptedPods, undefined);
  t.is(late.recheckMs, undefined);
  t.deepEqual([fresh, late].map(({ notDeleted }) => notDeleted.map(({ metadata }) => metadata.name)), [[], ['a']]);
});

test('when nobody knows how many pods there should be, none may be evicted', (t) => {
  const { status } = plan({ maxUnavailable: 1 }, THREE, { problem: 'found no controllers for pod "a"' }, { disruptionsAllowed: 1 });
  t.is(status.disruptionsAllowed, 0);
  t.is(status.observedGeneration, undefined);
  t.like(status.conditions?.[0], { type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: 'found no controllers for pod "a"', observedGeneration: 0 });
});

test('pods that nobody manages are told of where they would have to be counted', (t) => {
  const selector = { matchLabels: { b: '1', a: '2' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['x', 'y'] }] };
  const { warning } = plan({ maxUnavailable: 1, selector }, THREE, { count: 0, unmanaged: ['a'] });
  t.is(warning?.reason, 'UnmanagedPods');
  t.true(warning?.message.startsWith('Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{a: 2,b: 1,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:c,Operator:In,Values:[x y],},},}) were found to be unmanaged.'), warning?.message);
  t.is(plan({ minAvailable: 1, selector }, THREE, { count: 0, unmanaged: ['a'] }).warning, undefined);
});

test('the status of a budget that did not change is the same', (t) => {
  const { status } = plan({ minAvailable: 2 }, THREE);
  t.true(isSameStatus(status, plan({ minAvailable: 2 }, THREE, undefined, status).status));
  t.false(isSameStatus(status, plan({ minAvailable: 3 }, THREE, undefined, status).status));
});
