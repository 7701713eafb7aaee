import test from 'ava';
import type { ReplicaSet } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { isSameStatus, nextAvailableMs, planScale, replicaSetStatus } from '#controllers/replicaset/plan.ts';

const NOW = '2026-01-01T00:10:00Z';
const NOW_MS = Date.parse(NOW);
const set = (replicas: number, minReadySeconds = 0): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'rs', uid: 'rs', generation: 1 }, spec: { replicas, minReadySeconds, selector: {}, template: { metadata: { labels: { app: 'web' } } } },
});
interface Shape { readonly node?: string; readonly phase?: string; readonly ready?: boolean; readonly since?: string; readonly created?: string; readonly restarts?: number; readonly cost?: string; readonly deleting?: boolean }
const pod = (name: string, { node = 'n1', phase = 'Running', ready = true, since = '2026-01-01T00:00:00Z', created = '2026-01-01T00:00:00Z', restarts = 0, cost, deleting }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, uid: name, labels: { app: 'web' }, creationTimestamp: created, ...(cost ? { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } } : {}), ...(deleting ? { deletionTimestamp: NOW } : {}) },
  spec: { containers: [], ...(node ? { nodeName: node } : {}) },
  status: { phase: phase as 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: since }], containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready, restartCount: restarts }] },
});

test('missing pods are created, and terminating or ended ones do not count', (t) => {
  t.is(planScale({ set: set(3), pods: [pod('a'), pod('b', { deleting: true }), pod('c', { phase: 'Failed' })], related: [], nowMs: NOW_MS }).create, 2);
});

const FIRST_TO_GO: readonly (readonly [string, Shape])[] = [
  ['unscheduled', { node: '' }], ['pending', { phase: 'Pending' }], ['not ready', { ready: false }], ['cheap', { cost: '-5' }],
  ['ready for a shorter time', { since: '2026-01-01T00:05:00Z' }], ['often restarted', { restarts: 4 }], ['younger', { created: '2026-01-01T00:05:00Z' }],
];
for (const [why, shape] of FIRST_TO_GO) {
  test(`of two pods the one that is ${why} goes first`, (t) => {
    t.deepEqual(planScale({ set: set(1), pods: [pod('a'), pod('z', shape)], related: [], nowMs: NOW_MS }).remove.map((p) => p.metadata.name), ['z']);
    t.deepEqual(planScale({ set: set(1), pods: [pod('z'), pod('a', shape)], related: [], nowMs: NOW_MS }).remove.map((p) => p.metadata.name), ['a']);
  });
}

test('pods that share a node with others of the same Deployment go first', (t) => {
  const pods = [pod('a', { node: 'n1' }), pod('b', { node: 'n2' })];
  t.deepEqual(planScale({ set: set(1), pods, related: [...pods, pod('c', { node: 'n2' })], nowMs: NOW_MS }).remove.map((p) => p.metadata.name), ['b']);
});

test('availability waits for minReadySeconds, and says for how long', (t) => {
  const pods = [pod('a'), pod('b', { since: '2026-01-01T00:09:55Z' }), pod('c', { ready: false })];
  const status = replicaSetStatus({ set: set(3, 10), pods, nowMs: NOW_MS, now: NOW });
  t.like(status, { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 2, availableReplicas: 1, observedGeneration: 1 });
  t.is(nextAvailableMs(set(3, 10), pods, NOW_MS), 5_000);
});

test('a failure is a condition while it lasts, and an unchanged status is recognised', (t) => {
  const failed = replicaSetStatus({ set: set(1), pods: [], nowMs: NOW_MS, now: NOW, failure: { reason: 'FailedCreate', message: 'quota' } });
  t.is(failed.conditions?.[0]?.message, 'quota');
  const healed = replicaSetStatus({ set: { ...set(1), status: failed }, pods: [], nowMs: NOW_MS, now: NOW });
  t.is(healed.conditions, undefined);
  t.false(isSameStatus(failed, healed));
  t.true(isSameStatus({ replicas: 0, observedGeneration: 1 }, healed));
});

test('a failure that goes on keeps its first words: others would be a write, and so the next attempt', (t) => {
  const { conditions } = replicaSetStatus({ set: set(1), pods: [], nowMs: NOW_MS, now: NOW, failure: { reason: 'FailedCreate', message: 'pods "a-1" is forbidden' } });
  const failing = { ...set(1), status: { replicas: 0, conditions } };
  t.is(replicaSetStatus({ set: failing, pods: [], nowMs: NOW_MS, now: NOW, failure: { reason: 'FailedCreate', message: 'pods "a-2" is forbidden' } }).conditions?.[0], conditions?.[0]);
  t.is(replicaSetStatus({ set: failing, pods: [], nowMs: NOW_MS, now: NOW }).conditions, undefined);
});

