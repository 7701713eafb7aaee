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
