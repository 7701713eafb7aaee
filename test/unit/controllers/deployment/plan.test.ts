import test from 'ava';
import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import { currentReplicas, isScalingEvent, planCleanup, planRollingUpdate, planScale } from '#controllers/deployment/plan.ts';
import { newReplicaSet, splitSets, wantedAnnotations } from '#controllers/deployment/replica-sets.ts';
import { fencepostsOf } from '#controllers/deployment/strategy.ts';

interface Shape { readonly replicas?: number; readonly surge?: string | number; readonly unavailable?: string | number; readonly image?: string }
const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } });
const deployment = ({ replicas = 2, surge = '25%', unavailable = '25%', image = 'b' }: Shape = {}): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'web', uid: 'd', generation: 1 },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image), strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } } },
});
const set = (name: string, replicas: number, available: number, options: { readonly image?: string; readonly annotations?: Record<string, string>; readonly created?: string } = {}): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet',
  metadata: { namespace: 'default', name, uid: name, creationTimestamp: options.created ?? '2026-01-01T00:00:00Z', annotations: options.annotations ?? {} },
  spec: { replicas, selector: {}, template: { ...template(options.image ?? name), metadata: { labels: { app: 'web', 'pod-template-hash': name } } } },
  status: { replicas, availableReplicas: available },
});
const sizes = (plan: readonly { readonly set: ReplicaSet; readonly replicas: number }[]): Record<string, number> => Object.fromEntries(plan.map((r) => [r.set.metadata.name, r.replicas]));

const FENCEPOSTS: readonly (readonly [Shape, number, number])[] = [
  [{ replicas: 2 }, 1, 0],
  [{ replicas: 10 }, 3, 2],
  [{ replicas: 4, surge: 0, unavailable: 1 }, 0, 1],
  [{ replicas: 4, surge: 0, unavailable: 0 }, 0, 1],
  [{ replicas: 1, surge: '100%', unavailable: '100%' }, 1, 1],
  [{ replicas: 0 }, 0, 0],
];
for (const [shape, maxSurge, maxUnavailable] of FENCEPOSTS) {
  test(`fenceposts of ${JSON.stringify(shape)}`, (t) => t.deepEqual(fencepostsOf(deployment(shape)), { maxSurge, maxUnavailable }));
}

test('a rollout of two grows by the surge before it shrinks, and never goes below two available', (t) => {
  const d = deployment();
  t.is(currentReplicas(d, 0, [set('a', 2, 2)]), 1);
  t.deepEqual(sizes(planRollingUpdate({ deployment: d, current: set('b', 1, 0), old: [set('a', 2, 2)] })), {});
  t.deepEqual(sizes(planRollingUpdate({ deployment: d, current: set('b', 1, 1), old: [set('a', 2, 2)] })), { a: 1 });
  t.deepEqual(sizes(planRollingUpdate({ deployment: d, current: set('b', 1, 1), old: [set('a', 1, 2)] })), { b: 2 });
  t.deepEqual(sizes(planRollingUpdate({ deployment: d, current: set('b', 2, 2), old: [set('a', 1, 1)] })), { a: 0 });
});

test('old pods that never became available are removed first and at once', (t) => {
  const plan = planRollingUpdate({ deployment: deployment(), current: set('c', 1, 0), old: [set('a', 1, 1), set('b', 1, 0, { created: '2026-01-02T00:00:00Z' })] });
  t.deepEqual(sizes(plan), {});
  const more = planRollingUpdate({ deployment: deployment({ unavailable: 1 }), current: set('c', 1, 0), old: [set('a', 1, 1), set('b', 1, 0, { created: '2026-01-02T00:00:00Z' })] });
  t.deepEqual(sizes(more), { b: 0 });
});

test('a changed number of replicas is shared in proportion while a rollout runs', (t) => {
  const annotations = { 'deployment.kubernetes.io/desired-replicas': '10', 'deployment.kubernetes.io/max-replicas': '13' };
  const d = deployment({ replicas: 20 });
  const [current, old] = [set('b', 5, 2, { annotations }), set('a', 8, 8, { annotations })];
  t.true(isScalingEvent(d, [current, old]));
  const plan = sizes(planScale(d, current, [old]));
  t.is((plan['a'] ?? 0) + (plan['b'] ?? 0), 25);
  t.true((plan['a'] ?? 0) > (plan['b'] ?? 0));
});

test('one active set follows the wanted number, and a set of that size is still written to end the change', (t) => {
  const annotations = { 'deployment.kubernetes.io/desired-replicas': '2' };
  t.deepEqual(sizes(planScale(deployment({ replicas: 5 }), set('b', 2, 2, { annotations }), [set('a', 0, 0)])), { b: 5 });
  t.deepEqual(sizes(planScale(deployment({ replicas: 5 }), set('b', 5, 5, { annotations }), [])), { b: 5 });
});

test('the set of the present template is found whatever its hash label, and is named by the template', (t) => {
  const { current, old } = splitSets(deployment(), [set('a', 2, 2), set('b', 0, 0)]);
  t.is(current?.metadata.name, 'b');
  t.deepEqual(old.map((s) => s.metadata.name), ['a']);
  const made = newReplicaSet(deployment(), 1, old);
  t.is(made.metadata.name, newReplicaSet(deployment({ replicas: 9 }), 3, []).metadata.name);
  t.not(made.metadata.name, newReplicaSet(deployment({ image: 'z' }), 1, []).metadata.name);
});

test('a rollback gives the old set the next revision and keeps what it had', (t) => {
  const annotations = { 'deployment.kubernetes.io/revision': '1' };
  const wanted = wantedAnnotations(deployment(), set('b', 0, 0, { annotations }), [set('a', 2, 2, { annotations: { 'deployment.kubernetes.io/revision': '2' } })]);
  t.is(wanted['deployment.kubernetes.io/revision'], '3');
  t.is(wanted['deployment.kubernetes.io/revision-history'], '1');
});

test('history beyond the limit goes, oldest revision first, but never a set that still has pods', (t) => {
  const d = { ...deployment(), spec: { ...deployment().spec!, revisionHistoryLimit: 1 } };
  const revision = (n: number) => ({ annotations: { 'deployment.kubernetes.io/revision': String(n) } });
  t.deepEqual(planCleanup(d, [set('c', 0, 0, revision(3)), set('a', 0, 0, revision(1)), set('b', 1, 1, revision(2))]).map((s) => s.metadata.name), ['a']);
});

const REVISION = 'deployment.kubernetes.io/revision';
const revised = (annotations: Record<string, string>): Readonly<Record<string, string>> => wantedAnnotations(deployment(), set('b', 0, 0, { annotations }), [set('a', 2, 2, { annotations: { [REVISION]: '2' } })]);

test('the history of revisions has 2,000 characters at most, and loses the oldest', (t) => {
  const history = Array.from({ length: 500 }, (_, i) => String(i + 100)).join(',');
  const kept = revised({ [REVISION]: '1', [`${REVISION}-history`]: history })[`${REVISION}-history`] ?? '';
  t.is(kept.length, 1_997);
  t.true(kept.startsWith('101,') && kept.endsWith(',599,1'));
});

test('a revision that cannot be read stays, and an empty one leaves no history', (t) => {
  t.is(revised({ [REVISION]: 'first' })[REVISION], 'first');
  t.like(revised({ [REVISION]: '' }), { [REVISION]: '3', [`${REVISION}-history`]: undefined });
});

test('the size for which a set was made is noted with its replicas only', (t) => {
  t.is(revised({})['deployment.kubernetes.io/desired-replicas'], undefined);
  t.is(wantedAnnotations(deployment(), undefined, [])['deployment.kubernetes.io/desired-replicas'], '2');
});
