import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { jobDeletionOrder, replicaSetDeletionOrder } from '#controller/deletion-order.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
interface Shape { readonly node?: string; readonly phase?: string; readonly readyFor?: number; readonly age?: number; readonly restarts?: number; readonly sidecarRestarts?: number; readonly cost?: string; readonly uid?: string; readonly untimed?: boolean }

const at = (seconds: number): string => new Date(NOW_MS - seconds * 1_000).toISOString();
/** Times in seconds before now. */
function pod({ node = 'n', phase = 'Running', readyFor = 3_600, age = 3_600, restarts = 0, sidecarRestarts = 0, cost, uid = 'u', untimed = false }: Shape): Pod {
  return {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { name: uid, uid, ...(untimed ? {} : { creationTimestamp: at(age) }), ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }) },
    spec: { containers: [], initContainers: [{ name: 'sidecar', restartPolicy: 'Always' }, { name: 'init' }], ...(node === '' ? {} : { nodeName: node }) },
    status: {
      phase: phase as 'Running', conditions: [{ type: 'Ready', status: readyFor < 0 ? 'False' : 'True', ...(untimed ? {} : { lastTransitionTime: at(Math.abs(readyFor)) }) }],
      containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: restarts }],
      initContainerStatuses: [{ name: 'sidecar', image: '', imageID: '', ready: true, restartCount: sidecarRestarts }, { name: 'init', image: '', imageID: '', ready: true, restartCount: 9 }],
    },
  };
}

const ALIKE: readonly (readonly [title: string, first: Shape, second: Shape])[] = [
  ['on no node', { node: '' }, {}], ['pending', { phase: 'Pending' }, { phase: 'Unknown' }], ['unknown', { phase: 'Unknown' }, {}],
  ['not ready', { readyFor: -5 }, {}], ['often restarted', { restarts: 3 }, { restarts: 1, sidecarRestarts: 8 }], ['of an often restarted sidecar', { sidecarRestarts: 2 }, {}],
  ['much shorter ready', { readyFor: 60 }, {}], ['much younger', { age: 60, readyFor: 3_600 }, { age: 86_400, readyFor: 3_600 }], ['of no known time', { untimed: true }, {}],
];
const REPLICA_SET = replicaSetDeletionOrder(() => 0, NOW_MS);

for (const [title, first, second] of ALIKE) {
  test(`a pod that is ${title} goes first`, (t) => {
    for (const order of [jobDeletionOrder, REPLICA_SET]) {
      t.true(order(pod(first), pod(second)) < 0);
      t.true(order(pod(second), pod(first)) > 0);
    }
  });
}

test('of times of one magnitude a ReplicaSet takes the lower UID, whichever is younger; a Job the younger', (t) => {
  for (const [young, old] of [[{ readyFor: 3_000 }, { readyFor: 3_600 }], [{ age: 3_000 }, { age: 3_600 }]] as const) {
    t.true(REPLICA_SET(pod({ ...old, uid: 'a' }), pod({ ...young, uid: 'b' })) < 0);
    t.true(REPLICA_SET(pod({ ...old, uid: 'b' }), pod({ ...young, uid: 'a' })) > 0);
    t.true(jobDeletionOrder(pod({ ...young, uid: 'b' }), pod({ ...old, uid: 'a' })) < 0);
  }
});

test('what somebody says of the cost goes before the neighbours, and they before the time', (t) => {
  const order = replicaSetDeletionOrder(({ spec }) => (spec?.nodeName === 'full' ? 2 : 1), NOW_MS);
  t.true(order(pod({ cost: '-1' }), pod({ node: 'full' })) < 0);
  t.true(order(pod({ node: 'full' }), pod({ readyFor: 1 })) < 0);
});

test('a cost that is no int32 in its plain form is none', (t) => {
  for (const cost of ['+5', '05', '1e3', '0x10', ' 5', '2147483648', '5.0', '']) t.is(REPLICA_SET(pod({ cost }), pod({})), 0, cost);
  for (const cost of ['-1', '-05', '-2147483648']) t.true(REPLICA_SET(pod({ cost }), pod({})) < 0, cost);
  t.true(REPLICA_SET(pod({ cost: '2147483647' }), pod({})) > 0);
});
