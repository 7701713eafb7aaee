import test from 'ava';
import type { Pod, PodCondition } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import { POD_DISRUPTION_BUDGETS, PODS } from '#api/resources.ts';
import { disruptionController } from '#controllers/disruption/reconciler.ts';
import { ControllerRound } from '#test/support/controller-round.ts';

const DISRUPTED: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'm', lastTransitionTime: '2026-01-01T00:08:00Z' };
const pod = (condition?: PodCondition, { phase = 'Running', deleting = false } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'a', labels: { app: 'web' }, ...(deleting ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}) },
  spec: { containers: [] }, status: { phase: phase as 'Running', ...(condition ? { conditions: [condition] } : {}) },
});
const budget: PodDisruptionBudget = {
  apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { namespace: 'default', name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  status: { currentHealthy: 0, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0, disruptedPods: { a: '2026-01-01T00:05:00Z' } },
};

test('a disruption that did not come is taken back after two minutes', async (t) => {
  const round = new ControllerRound({ controller: disruptionController, objects: [[PODS, pod(DISRUPTED)]] });
  await round.reconcile('pod|default/a');
  t.like(round.bodyOf('update pods/status a'), { status: { conditions: [{ type: 'DisruptionTarget', status: 'False', lastTransitionTime: '2026-01-01T00:10:00Z' }] } });
});

for (const [what, stays] of [
  ['of a moment ago', pod({ ...DISRUPTED, lastTransitionTime: '2026-01-01T00:08:01Z' })], ['of a node', pod({ ...DISRUPTED, reason: 'TerminationByKubelet' })],
  ['of a pod that goes', pod(DISRUPTED, { deleting: true })], ['of a pod that has ended', pod(DISRUPTED, { phase: 'Failed' })], ['that was taken back', pod({ ...DISRUPTED, status: 'False' })],
] as const) {
  test(`a disruption ${what} stays as it is`, async (t) => {
    const round = new ControllerRound({ controller: disruptionController, objects: [[PODS, stays]] });
    await round.reconcile('pod|default/a');
    t.deepEqual(round.writes, []);
  });
}

test('a pod that was to be evicted and is still there is told of', async (t) => {
  const round = new ControllerRound({ controller: disruptionController, objects: [[PODS, pod()], [POD_DISRUPTION_BUDGETS, budget]] });
  await round.reconcile('default/b');
  t.deepEqual(round.events, ["a Warning NotDeleted: Pod was expected by PDB default/default to be deleted but it wasn't"]);
});
