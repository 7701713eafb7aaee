import type { Problems } from '../problems.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { ReplicationController } from '#api/generated/core/v1.ts';

type Counts = object | undefined;

/** Counts of pods, which have no bound but zero and each other. */
const DEPLOYMENT = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'];
const REPLICA_SET = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas', 'observedGeneration'];
const STATEFUL_SET = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount'];
const DAEMON_SET = [
  'currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount',
];

export function validateDeploymentStatus(problems: Problems, { status }: Deployment, old: Deployment): void {
  checkCounts(problems, status, DEPLOYMENT);
  checkReplicas(problems, status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']);
  checkCollisions(problems, status?.collisionCount, old.status?.collisionCount);
}

/** Of a ReplicationController too: what they count is the same. */
export function validateReplicaSetStatus(problems: Problems, { status }: ReplicaSet | ReplicationController): void {
  checkCounts(problems, status, REPLICA_SET);
  checkReplicas(problems, status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
}

export function validateStatefulSetStatus(problems: Problems, { status }: StatefulSet, old: StatefulSet): void {
  checkCounts(problems, status, STATEFUL_SET);
  checkReplicas(problems, status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], 'status.readyReplicas');
  checkCollisions(problems, status?.collisionCount, old.status?.collisionCount);
}

export function validateDaemonSetStatus(problems: Problems, { status }: DaemonSet, old: DaemonSet): void {
  checkCounts(problems, status, DAEMON_SET);
  checkCollisions(problems, status?.collisionCount, old.status?.collisionCount);
}

const numberIn = (counts: Counts, name: string): number => Number((counts as Readonly<Record<string, unknown>> | undefined)?.[name] ?? 0);

function checkCounts(problems: Problems, status: Counts, names: readonly string[]): void {
  for (const name of names) problems.atLeast(`status.${name}`, numberIn(status, name), 0);
}

/** Each of the counts is a part of all, and what is available is ready, which kinds name in ways of their own. */
function checkReplicas(problems: Problems, status: Counts, parts: readonly string[], readyName = 'readyReplicas'): void {
  const [all, ready, available] = ['replicas', 'readyReplicas', 'availableReplicas'].map((name) => numberIn(status, name)) as [number, number, number];
  for (const part of parts) {
    const count = numberIn(status, part);
    if (count > all) problems.invalid(`status.${part}`, count, 'cannot be greater than status.replicas');
  }
  if (available > ready) problems.invalid('status.availableReplicas', available, `cannot be greater than ${readyName}`);
}

/** A lower count would give out a name for the second time. */
function checkCollisions(problems: Problems, count: number | undefined, before: number | undefined): void {
  if (before !== undefined && (count ?? 0) < before) problems.invalid('status.collisionCount', count ?? 0, 'cannot be decremented');
}
