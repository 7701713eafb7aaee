import { formatTime } from '#base/clock.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#api/generated/apps/v1.ts';
import { findCondition, withoutCondition } from '#controller/conditions.ts';
import { sumReplicas } from './replica-sets.ts';
import { fencepostsOf, wantedReplicas } from './strategy.ts';

export interface StatusInput {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly nowMs: number;
  /** What this round did with the present set. */
  readonly found?: { readonly reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet'; readonly message: string } | undefined;
  readonly collisionCount?: number | undefined;
  /** This round followed another number of replicas only: nothing of a rollout is judged, as in a pause. Default: no. */
  readonly isResizeOnly?: boolean | undefined;
}

/** Kubernetes' way to say that there is no deadline. */
const NO_DEADLINE_S = 2_147_483_647;
const PROGRESSING = 'Progressing';
/** Also of the event that tells it. */
export const CREATE_ERROR_REASON = 'ReplicaSetCreateError';
const AVAILABLE_REASON = 'NewReplicaSetAvailable';
const TIMED_OUT_REASON = 'ProgressDeadlineExceeded';
const COUNTS = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'] as const;
type Counts = Pick<DeploymentStatus, (typeof COUNTS)[number]>;

const total = (sets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number =>
  sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);

type Conditions = readonly DeploymentCondition[];

export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const counts = countsOf(input);
  const conditions = withAvailability(input, counts, withFound(input, withPause(input)));
  return { ...counts, conditions: input.isResizeOnly || input.deployment.spec?.paused ? conditions : withFailures(input, withProgress(input, counts, conditions)) };
}

function countsOf({ deployment, current, old, collisionCount = deployment.status?.collisionCount }: StatusInput): Counts {
  const all = current ? [...old, current] : old;
  const availableReplicas = total(all, 'availableReplicas');
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total(all, 'replicas'),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(all, 'readyReplicas'),
    availableReplicas,
    unavailableReplicas: Math.max(0, sumReplicas(all) - availableReplicas),
    terminatingReplicas: total(all, 'terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function condition(nowMs: number, type: string, status: string, reason: string, message: string): DeploymentCondition {
  const now = formatTime(nowMs);
  return { type, status, reason, message, lastUpdateTime: now, lastTransitionTime: now };
}

/** What is news goes to the end. Status and reason are what a condition says; its message stays as it was first told. */
function told(conditions: Conditions, next: DeploymentCondition): Conditions {
  const present = findCondition(conditions, next.type);
  return present?.status === next.status && present.reason === next.reason ? conditions : renewed(conditions, next);
}

function renewed(conditions: Conditions, next: DeploymentCondition): Conditions {
  const present = findCondition(conditions, next.type);
  const lastTransitionTime = present?.status === next.status ? present.lastTransitionTime : next.lastTransitionTime;
  return [...withoutCondition(conditions, next.type), { ...next, lastTransitionTime }];
}

function withPause({ deployment, nowMs }: Pick<StatusInput, 'deployment' | 'nowMs'>): Conditions {
  const conditions = deployment.status?.conditions ?? [];
  const present = findCondition(conditions, PROGRESSING);
  if (deadlineOf(deployment) === undefined || present?.reason === TIMED_OUT_REASON) return conditions;
  if (deployment.spec?.paused) return told(conditions, condition(nowMs, PROGRESSING, 'Unknown', 'DeploymentPaused', 'Deployment is paused'));
  return present?.reason === 'DeploymentPaused' ? told(conditions, condition(nowMs, PROGRESSING, 'Unknown', 'DeploymentResumed', 'Deployment is resumed')) : conditions;
}

function withFound({ deployment, nowMs, found }: StatusInput, conditions: Conditions): Conditions {
  const isNews = found?.reason === 'NewReplicaSetCreated' || !findCondition(conditions, PROGRESSING);
  if (!found || !isNews || deadlineOf(deployment) === undefined) return conditions;
  return told(conditions, condition(nowMs, PROGRESSING, 'True', found.reason, found.message));
}

function withAvailability({ deployment, nowMs }: StatusInput, counts: Counts, conditions: Conditions): Conditions {
  const isEnough = (counts.availableReplicas ?? 0) >= wantedReplicas(deployment) - fencepostsOf(deployment).maxUnavailable;
  return told(conditions, isEnough
    ? condition(nowMs, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : condition(nowMs, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'));
}

/** The status of a Deployment whose set could not be made; undefined where nobody asked for progress to be watched. */
export function statusOfFailedCreate(deployment: Deployment, message: string, nowMs: number): DeploymentStatus | undefined {
  if (deadlineOf(deployment) === undefined) return undefined;
  return { ...deployment.status, conditions: told(withPause({ deployment, nowMs }), condition(nowMs, PROGRESSING, 'False', CREATE_ERROR_REASON, message)) };
}

const deadlineOf = (d: Deployment): number | undefined => {
  const seconds = d.spec?.progressDeadlineSeconds;
  return seconds === undefined || seconds === NO_DEADLINE_S ? undefined : seconds;
};

export function isComplete(d: Deployment, counts: DeploymentStatus): boolean {
  const wanted = wantedReplicas(d);
  return counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted && (counts.observedGeneration ?? 0) >= (d.metadata.generation ?? 0);
}

function hasProgressed(before: DeploymentStatus | undefined, after: Counts): boolean {
  const old = (s: DeploymentStatus | undefined): number => (s?.replicas ?? 0) - (s?.updatedReplicas ?? 0);
  return (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) || old(after) < old(before)
    || (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) || (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0);
}

function withProgress(input: StatusInput, counts: Counts, conditions: Conditions): Conditions {
  const { deployment, current, nowMs } = input;
  if (deadlineOf(deployment) === undefined) return withoutCondition(conditions, PROGRESSING);
  const present = findCondition(conditions, PROGRESSING);
  // A rollout that was complete stays so, whatever happens to its pods, until its template changes.
  if (counts.replicas === counts.updatedReplicas && present?.reason === AVAILABLE_REASON) return conditions;
  const name = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) return told(conditions, condition(nowMs, PROGRESSING, 'True', AVAILABLE_REASON, `${name} has successfully progressed.`));
  // Also renews the update time, from which the deadline runs.
  if (hasProgressed(deployment.status, counts)) return renewed(conditions, condition(nowMs, PROGRESSING, 'True', 'ReplicaSetUpdated', `${name} is progressing.`));
  return isTimedOut(deployment, present, nowMs) ? told(conditions, condition(nowMs, PROGRESSING, 'False', TIMED_OUT_REASON, `${name} has timed out progressing.`)) : conditions;
}

function isTimedOut(d: Deployment, present: DeploymentCondition | undefined, nowMs: number): boolean {
  if (!present || present.reason === AVAILABLE_REASON) return false;
  return present.reason === TIMED_OUT_REASON || msToDeadline(d, present, nowMs) <= 0;
}

const msToDeadline = (d: Deployment, progressing: DeploymentCondition, nowMs: number): number =>
  Date.parse(progressing.lastUpdateTime ?? '') + (deadlineOf(d) ?? Infinity) * 1_000 - nowMs;

/** How long until an unfinished rollout must be looked at again; undefined when no deadline runs. */
export function requeueAfterMs(d: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const present = findCondition(status.conditions, PROGRESSING);
  if (!present || deadlineOf(d) === undefined || d.spec?.paused || isComplete(d, status) || present.reason === AVAILABLE_REASON || present.reason === TIMED_OUT_REASON) return undefined;
  // Condition times are whole seconds.
  return Math.max(0, msToDeadline(d, present, nowMs)) + 1_000;
}

function withFailures({ current, old }: StatusInput, conditions: Conditions): Conditions {
  const failed = [current, ...old].map((set) => findCondition(set?.status?.conditions, 'ReplicaFailure')).find((c) => c !== undefined);
  if (!failed) return withoutCondition(conditions, 'ReplicaFailure');
  return told(conditions, { ...failed, lastUpdateTime: failed.lastTransitionTime });
}

/** Absent counts are zero: the API leaves zeros out. */
export function isSameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  const text = (s: DeploymentStatus | undefined): string =>
    JSON.stringify((s?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message, c.lastUpdateTime]).toSorted());
  return a !== undefined && COUNTS.every((field) => (a[field] ?? 0) === (b[field] ?? 0)) && text(a) === text(b);
}
