import test from 'ava';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/generated/apps/v1.ts';
import { deploymentStatus, isSameStatus, requeueAfterMs } from '#controllers/deployment/status.ts';

const NOW_MS = Date.parse('2026-01-01T00:10:00Z');
const deployment = (status?: DeploymentStatus, paused = false): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'web', uid: 'd', generation: 3 },
  spec: { replicas: 2, paused, progressDeadlineSeconds: 600, selector: {}, template: {} }, ...(status ? { status } : {}),
});
const set = (name: string, replicas: number, ready: number): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, uid: name }, spec: { replicas, selector: {} },
  status: { replicas, readyReplicas: ready, availableReplicas: ready },
});
const progressing = (reason: string, lastUpdateTime: string, status = 'True') => ({ conditions: [{ type: 'Progressing', status, reason, message: 'm', lastUpdateTime, lastTransitionTime: lastUpdateTime }] });
const reasonOf = (status: DeploymentStatus, type: string): string | undefined => status.conditions?.find((c) => c.type === type)?.reason;

test('a complete rollout says so, in numbers and conditions, and then nothing changes any more', (t) => {
  const input = { current: set('b', 2, 2), old: [set('a', 0, 0)], nowMs: NOW_MS };
  const status = deploymentStatus({ deployment: deployment(), ...input });
  t.like(status, { observedGeneration: 3, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 0 });
  t.is(reasonOf(status, 'Available'), 'MinimumReplicasAvailable');
  t.is(status.conditions?.find((c) => c.type === 'Progressing')?.message, 'ReplicaSet "b" has successfully progressed.');
  t.true(isSameStatus(status, deploymentStatus({ deployment: deployment(status), ...input, nowMs: NOW_MS + 60_000 })));
  t.is(requeueAfterMs(deployment(status), status, NOW_MS), undefined);
});

test('a new set, progress and a deadline that passes follow one another in the Progressing condition', (t) => {
  const complete = { ...progressing('NewReplicaSetAvailable', '2026-01-01T00:00:00Z'), replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
  const created = deploymentStatus({ deployment: deployment(complete), current: { ...set('b', 1, 0), status: { replicas: 0 } }, old: [set('a', 2, 2)], nowMs: NOW_MS, found: { reason: 'NewReplicaSetCreated', message: 'Created new replica set "b"' } });
  t.is(reasonOf(created, 'Progressing'), 'NewReplicaSetCreated');
  const stuck = { ...progressing('ReplicaSetUpdated', '2026-01-01T00:00:00Z'), replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 };
  const input = { deployment: deployment(stuck), current: set('b', 1, 0), old: [set('a', 2, 2)] };
  t.is(reasonOf(deploymentStatus({ ...input, nowMs: NOW_MS - 5_000 }), 'Progressing'), 'ReplicaSetUpdated');
  t.is(requeueAfterMs(input.deployment, stuck, NOW_MS - 5_000), 6_000);
  const late = deploymentStatus({ ...input, nowMs: NOW_MS });
  t.is(reasonOf(late, 'Progressing'), 'ProgressDeadlineExceeded');
  t.is(late.conditions?.find((c) => c.type === 'Progressing')?.status, 'False');
});

test('too few available pods and a pause show as conditions', (t) => {
  const status = deploymentStatus({ deployment: deployment(undefined, true), current: set('b', 2, 1), old: [], nowMs: NOW_MS });
  t.is(reasonOf(status, 'Available'), 'MinimumReplicasUnavailable');
  t.is(reasonOf(status, 'Progressing'), 'DeploymentPaused');
});

const typesOf = (status: DeploymentStatus): readonly string[] => (status.conditions ?? []).map((c) => c.type);

test('a new template begins anew after a rollout that took too long', (t) => {
  const late = { ...progressing('ProgressDeadlineExceeded', '2026-01-01T00:00:00Z', 'False'), replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 };
  const made = deploymentStatus({ deployment: deployment(late), current: { ...set('c', 1, 0), status: { replicas: 0 } }, old: [set('a', 2, 2), set('b', 1, 0)], nowMs: NOW_MS, found: { reason: 'NewReplicaSetCreated', message: 'Created new replica set "c"' } });
  t.is(reasonOf(made, 'Progressing'), 'NewReplicaSetCreated');
});

test('what is news stands last, and a condition that says the same keeps its words', (t) => {
  const complete = deploymentStatus({ deployment: deployment(), current: set('b', 2, 2), old: [], nowMs: NOW_MS });
  t.deepEqual(typesOf(complete), ['Available', 'Progressing']);
  const short = deploymentStatus({ deployment: deployment(complete), current: set('b', 2, 0), old: [], nowMs: NOW_MS });
  t.deepEqual(typesOf(short), ['Progressing', 'Available']);
  const failing = (message: string, status: DeploymentStatus): DeploymentStatus => deploymentStatus({
    deployment: deployment(status), current: { ...set('b', 2, 0), status: { replicas: 2, conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: '2026-01-01T00:09:00Z' }] } }, old: [], nowMs: NOW_MS,
  });
  const first = failing('quota of pod a', short);
  t.like(first.conditions?.at(-1), { type: 'ReplicaFailure', message: 'quota of pod a', lastTransitionTime: '2026-01-01T00:09:00Z', lastUpdateTime: '2026-01-01T00:09:00Z' });
  t.is(failing('quota of pod b', first).conditions?.at(-1), first.conditions?.at(-1));
});

test('in a pause, and while only the number of replicas is followed, nothing is said of the rollout', (t) => {
  const failed = { ...progressing('DeploymentPaused', '2026-01-01T00:00:00Z', 'Unknown') };
  const replicaFailure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const paused = deploymentStatus({ deployment: deployment({ conditions: [...failed.conditions, replicaFailure] }, true), current: set('b', 2, 2), old: [], nowMs: NOW_MS });
  t.deepEqual(typesOf(paused), ['Progressing', 'ReplicaFailure', 'Available']);
  const resized = deploymentStatus({ deployment: deployment(), current: set('b', 2, 2), old: [], nowMs: NOW_MS, isResizeOnly: true });
  t.deepEqual(typesOf(resized), ['Available']);
});
