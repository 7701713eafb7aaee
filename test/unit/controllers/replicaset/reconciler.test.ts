import test from 'ava';
import type { ReplicaSet } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { PODS, REPLICA_SETS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import { replicaSetController } from '#controllers/replicaset/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const set = (replicas: number): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { namespace: 'default', name: 'web', uid: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c' }] } } },
});
interface Shape { readonly owned?: boolean; readonly phase?: string; readonly deleting?: boolean; readonly labels?: Readonly<Record<string, string>>; readonly node?: string; readonly readySince?: string }
const pod = (name: string, { owned = true, phase = 'Running', deleting = false, labels = { app: 'web' }, node = 'n', readySince = '2026-01-01T00:00:00Z' }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: {
    namespace: 'default', name, uid: name, labels, creationTimestamp: '2026-01-01T00:00:00Z', ...(deleting ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}),
    ...(owned ? { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'web', controller: true }] } : {}),
  },
  spec: { containers: [], nodeName: node }, status: { phase: phase as 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: readySince }] },
});
const roundOf = (replicas: number, pods: readonly Pod[], refuse?: RoundOptions['refuse']): ControllerRound =>
  new ControllerRound({ controller: replicaSetController, objects: [[REPLICA_SETS, set(replicas)], ...pods.map((p) => [PODS, p] as const)] as RoundOptions['objects'], ...(refuse ? { refuse } : {}) });

test('pods that have ended are neither adopted nor let go of, and those that go away are counted', async (t) => {
  const round = roundOf(1, [
    pod('a', { owned: false }), pod('b', { owned: false, phase: 'Failed' }), pod('c', { phase: 'Succeeded', labels: {} }), pod('d', { deleting: true, labels: {} }), pod('e', { deleting: true }),
  ]);
  await round.reconcile('default/web');
  t.deepEqual(round.calls, ['patch pods a', 'update replicasets/status web']);
  t.like(round.bodyOf('update replicasets/status web'), { status: { replicas: 1, terminatingReplicas: 1 } });
});

test('a set that belongs to nobody does not look at who shares a node', async (t) => {
  const crowded = [pod('a', { node: 'full' }), pod('b', { node: 'full' }), pod('c', { node: 'free', readySince: '2026-01-01T00:09:59Z' })];
  const round = roundOf(2, crowded);
  await round.reconcile('default/web');
  t.is(round.calls[0], 'delete pods c');
});

test('where the namespace goes away nothing fails', async (t) => {
  const going = new StatusError('Forbidden', 'is being terminated', { details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  const round = roundOf(3, [], ({ verb }) => (verb === 'create' ? going : undefined));
  await round.reconcile('default/web');
  t.deepEqual(round.events, []);
  t.false(JSON.stringify(round.writes).includes('ReplicaFailure'));
});

test('a pod that cannot be deleted makes the set fail', async (t) => {
  const round = roundOf(0, [pod('a')], ({ verb }) => (verb === 'delete' ? new StatusError('Forbidden', 'no') : undefined));
  await t.throwsAsync(round.reconcile('default/web'), { message: 'unable to delete pods: no' });
  t.deepEqual(round.events, ['web Warning FailedDelete: Error deleting: no']);
  t.like(round.bodyOf('update replicasets/status web'), { status: { conditions: [{ type: 'ReplicaFailure', reason: 'FailedDelete', message: 'unable to delete pods: no' }] } });
});
