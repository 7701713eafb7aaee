import test from 'ava';
import type { Node, Pod, Taint } from '#api/generated/core/v1.ts';
import { NODES, PODS } from '#api/resources.ts';
import { firstToGo, podGarbageCollector } from '#controllers/node-lifecycle/pod-garbage-collector.ts';
import { nodeLifecycleController } from '#controllers/node-lifecycle/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const MAINTENANCE: Taint = { key: 'maintenance', effect: 'NoExecute' };
const OUT_OF_SERVICE: Taint = { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' };
const node = (ready: 'True' | 'False', taints: readonly Taint[] = []): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { taints }, status: { conditions: [{ type: 'Ready', status: ready }] },
});
interface Shape { readonly nodeName?: string; readonly phase?: string; readonly reason?: string; readonly deleting?: boolean; readonly toleratesFor?: number; readonly created?: string }
const pod = (name: string, { nodeName = 'n', phase = 'Running', reason, deleting = false, toleratesFor, created = '2026-01-01T00:00:00Z' }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, uid: name, creationTimestamp: created, ...(deleting ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}) },
  spec: { containers: [], ...(nodeName === '' ? {} : { nodeName }), ...(toleratesFor === undefined ? {} : { tolerations: [{ operator: 'Exists', tolerationSeconds: toleratesFor }] }) },
  status: { phase: phase as 'Running', ...(reason ? { reason } : {}), conditions: [{ type: 'Ready', status: 'True', reason: 'Fine', message: 'all is well', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
});
const roundOf = (controller: RoundOptions['controller'], n: Node | undefined, pods: readonly Pod[]): ControllerRound =>
  new ControllerRound({ controller, objects: [...(n ? [[NODES, n] as const] : []), ...pods.map((p) => [PODS, p] as const)] as RoundOptions['objects'] });

test('a pod that has to leave its node is told why before it goes, also one that has ended', async (t) => {
  const round = roundOf(nodeLifecycleController, node('True', [MAINTENANCE]), [pod('a'), pod('b', { phase: 'Succeeded' })]);
  await round.reconcile('n');
  t.deepEqual(round.calls, ['patch pods/status a', 'patch pods/status b', 'delete pods a', 'delete pods b']);
  t.like(round.bodyOf('patch pods/status a'), { status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }] } });
  t.deepEqual(round.events, ['a Normal TaintManagerEviction: Marking for deletion Pod default/a', 'b Normal TaintManagerEviction: Marking for deletion Pod default/b']);
});

test('a pod that need not leave after all is told so', async (t) => {
  const round = roundOf(nodeLifecycleController, node('True', [MAINTENANCE]), [pod('a', { toleratesFor: 60 })]);
  await round.reconcile('n');
  t.deepEqual([round.calls, round.events], [[], []]);
  round.put(NODES, node('True'));
  await round.reconcile('n');
  t.deepEqual(round.events, ['a Normal TaintManagerEviction: Cancelling deletion of Pod default/a']);
  await round.reconcile('n');
  t.is(round.events.length, 1);
});

test('pods of a node that is not ready are not ready, which is all that is said', async (t) => {
  const round = roundOf(nodeLifecycleController, node('False', [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }, { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', timeAdded: '2026-01-01T00:10:00Z' }]), [pod('a', { toleratesFor: 300 })]);
  await round.reconcile('n');
  t.like(round.bodyOf('update pods/status a'), { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'Fine', message: 'all is well', lastTransitionTime: '2026-01-01T00:10:00Z' }] } });
  t.deepEqual(round.events, ['a Warning NodeNotReady: Node is not ready']);
});

test('a pod whose node is gone has failed, and goes at once', async (t) => {
  const round = roundOf(podGarbageCollector, undefined, [pod('a'), pod('b', { phase: 'Succeeded' })]);
  await round.reconcile('default/a');
  await round.clock.advance(40_000);
  t.deepEqual(round.calls, []);
  await round.reconcile('default/a');
  await round.reconcile('default/b');
  t.deepEqual(round.calls, ['patch pods/status a', 'delete pods a', 'delete pods b']);
  t.like(round.bodyOf('patch pods/status a'), { status: { phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }] } });
  t.like(round.bodyOf('delete pods a'), { gracePeriodSeconds: 0 });
});

for (const [what, n, p, calls] of [
  ['on a node that is out of service', node('False', [OUT_OF_SERVICE]), pod('a', { deleting: true }), ['patch pods/status a', 'delete pods a']],
  ['on a node that is out of service, they say, and ready', node('True', [OUT_OF_SERVICE]), pod('a', { deleting: true }), []],
  ['on a node that is only not ready', node('False'), pod('a', { deleting: true }), []],
  ['on no node', undefined, pod('a', { deleting: true, nodeName: '' }), ['patch pods/status a', 'delete pods a']],
] as const) {
  test(`a pod that goes away, ${what}`, async (t) => {
    const round = roundOf(podGarbageCollector, n, [p]);
    await round.reconcile('default/a');
    t.deepEqual(round.calls, calls);
  });
}

test('of ended pods evicted ones go first, then the oldest', (t) => {
  const pods = [pod('b'), pod('a'), pod('old', { created: '2025-01-01T00:00:00Z' }), pod('evicted', { phase: 'Failed', reason: 'Evicted', created: '2026-02-01T00:00:00Z' })];
  t.deepEqual(pods.toSorted(firstToGo).map(({ metadata }) => metadata.name), ['evicted', 'old', 'a', 'b']);
});
