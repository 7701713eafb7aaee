import test from 'ava';
import type { Namespace, NamespaceCondition } from '#api/generated/core/v1.ts';
import { CONFIG_MAPS, NAMESPACES, PODS } from '#api/resources.ts';
import { namespaceController } from '#controllers/namespace/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const DELETED = '2026-01-01T00:09:30Z';
const namespace = (finalizers: readonly string[] = ['kubernetes']): Namespace => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team', deletionTimestamp: DELETED }, spec: { finalizers } });
const map = (finalizers: readonly string[] = []) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'team', name: 'm', finalizers, deletionTimestamp: DELETED } });
const pod = (seconds: number, phase = 'Running') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'team', name: 'p', deletionTimestamp: DELETED }, spec: { containers: [], terminationGracePeriodSeconds: seconds }, status: { phase } });
const roundOf = (n: Namespace, ...objects: readonly (readonly [unknown, unknown])[]): ControllerRound =>
  new ControllerRound({ controller: namespaceController, objects: [[NAMESPACES, n], ...objects] as unknown as RoundOptions['objects'] });
const told = (round: ControllerRound): Readonly<Record<string, string>> => {
  const { status } = round.bodyOf('update namespaces/status team') as Namespace;
  return Object.fromEntries((status?.conditions ?? []).map((c: NamespaceCondition) => [c.type, `${c.status} ${c.reason}: ${c.message}`]));
};

test('what goes when it is deleted does not remain', async (t) => {
  const round = roundOf(namespace(), [CONFIG_MAPS, { ...map(), metadata: { namespace: 'team', name: 'm' } }]);
  round.deletes = true;
  await round.reconcile('team');
  t.deepEqual(round.calls, ['delete configmaps m', 'update namespaces/finalize team']);
});

test('who else holds an empty namespace sees that it is empty', async (t) => {
  const round = roundOf(namespace(['kubernetes', 'example.com/audit']));
  await round.reconcile('team');
  t.deepEqual(round.calls, ['update namespaces/status team', 'update namespaces/finalize team']);
  t.is(told(round)['NamespaceContentRemaining'], 'False ContentRemoved: All content successfully removed');
});

for (const [what, object, failure] of [
  ['nothing holds is a failure', [CONFIG_MAPS, map()], 'True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: team for gvr: /v1, Resource=configmaps'],
  ['a finalizer holds is none', [CONFIG_MAPS, map(['example.com/held'])], 'False ContentDeleted: All content successfully deleted, may be waiting on finalization'],
  ['has its time of grace is none', [PODS, pod(31)], 'False ContentDeleted: All content successfully deleted, may be waiting on finalization'],
  ['had its time of grace is one', [PODS, pod(30)], 'True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: team for gvr: /v1, Resource=pods'],
] as const) {
  test(`what remains and ${what}`, async (t) => {
    const round = roundOf(namespace(), object);
    await round.reconcile('team');
    t.is(told(round)['NamespaceDeletionContentFailure'], failure);
  });
}
