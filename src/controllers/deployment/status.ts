import { formatTime } from '#base/clock.ts';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#api/generated/apps/v1.ts';
import { findCondition, withCondition, withoutCondition } from '#controller/conditions.ts';
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
}

/** Kubernetes' way to say that there is no deadline. */
const NO_DEADLINE_S = 2_147_483_647;
const AVAILABLE_REASON = 'NewReplicaSetAvailable';
const TIMED_OUT_REASON = 'ProgressDeadlineExceeded';
const COUNTS = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'] as const;
type Counts = Pick<DeploymentStatus, (typeof COUNTS)[number]>;

const total = (sets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number =>
  sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0);

export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const counts = countsOf(input);
  const withAvailability = withCondition(input.deployment.status?.conditions, availability(input, counts));
  const conditions = failures(input, progress(input, counts, withAvailability));
  return { ...counts, conditions };
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

function availability({ deployment, nowMs }: StatusInput, counts: Counts): DeploymentCondition {
  const isEnough = (counts.availableReplicas ?? 0) >= wantedReplicas(deployment) - fencepostsOf(deployment).maxUnavailable;
  return isEnough
    ? condition(nowMs, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : condition(nowMs, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.');
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

function progress(input: StatusInput, counts: Counts, conditions: readonly DeploymentCondition[]): readonly DeploymentCondition[] {
  const { deployment, nowMs, found } = input;
  if (deadlineOf(deployment) === undefined) return withoutCondition(conditions, 'Progressing');
  const present = findCondition(conditions, 'Progressing');
  if (deployment.spec?.paused) {
    return present?.reason === TIMED_OUT_REASON ? conditions : withCondition(conditions, condition(nowMs, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused'));
  }
  const resumed = present?.reason === 'DeploymentPaused' ? condition(nowMs, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed') : undefined;
  const next = nextProgress(input, counts, resumed ?? present);
  if (next) return replaceProgress(conditions, next);
  if (found && (found.reason === 'NewReplicaSetCreated' || !present)) return withCondition(conditions, condition(nowMs, 'Progressing', 'True', found.reason, found.message));
  return resumed ? withCondition(conditions, resumed) : conditions;
}

function nextProgress({ deployment, current, nowMs, found }: StatusInput, counts: Counts, present: DeploymentCondition | undefined): DeploymentCondition | undefined {
  const name = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  // A rollout that was complete stays so, whatever happens to its pods, until its template changes.
  if (counts.replicas === counts.updatedReplicas && present?.reason === AVAILABLE_REASON && found?.reason !== 'NewReplicaSetCreated') return undefined;
  if (isComplete(deployment, counts)) return condition(nowMs, 'Progressing', 'True', AVAILABLE_REASON, `${name} has successfully progressed.`);
  if (hasProgressed(deployment.status, counts)) return condition(nowMs, 'Progressing', 'True', 'ReplicaSetUpdated', `${name} is progressing.`);
  if (isTimedOut(deployment, present, nowMs)) return condition(nowMs, 'Progressing', 'False', TIMED_OUT_REASON, `${name} has timed out progressing.`);
  return undefined;
}

/** Progress also renews the update time, from which the deadline runs; a deadline that passed is told once. */
function replaceProgress(conditions: readonly DeploymentCondition[], next: DeploymentCondition): readonly DeploymentCondition[] {
  const present = findCondition(conditions, 'Progressing');
  if (present?.reason === TIMED_OUT_REASON && next.reason === TIMED_OUT_REASON) return conditions;
  const lastTransitionTime = present?.status === next.status ? present.lastTransitionTime : next.lastTransitionTime;
  return [...withoutCondition(conditions, 'Progressing'), { ...next, lastTransitionTime }];
}

function isTimedOut(d: Deployment, present: DeploymentCondition | undefined, nowMs: number): boolean {
  if (!present || present.reason === AVAILABLE_REASON) return false;
  return present.reason === TIMED_OUT_REASON || msToDeadline(d, present, nowMs) <= 0;
}

const msToDeadline = (d: Deployment, progressing: DeploymentCondition, nowMs: number): number =>
  Date.parse(progressing.lastUpdateTime ?? '') + (deadlineOf(d) ?? Infinity) * 1_000 - nowMs;

/** How long until an unfinished rollout must be looked at again; undefined when no deadline runs. */
export function requeueAfterMs(d: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const present = findCondition(status.conditions, 'Progressing');
  if (!present || deadlineOf(d) === undefined || d.spec?.paused || isComplete(d, status) || present.reason === AVAILABLE_REASON || present.reason === TIMED_OUT_REASON) return undefined;
  // Condition times are whole seconds.
  return Math.max(0, msToDeadline(d, present, nowMs)) + 1_000;
}

function failures({ current, old, nowMs }: StatusInput, conditions: readonly DeploymentCondition[]): readonly DeploymentCondition[] {
  const failed = [current, ...old].map((set) => findCondition(set?.status?.conditions, 'ReplicaFailure')).find((c) => c !== undefined);
  if (!failed) return withoutCondition(conditions, 'ReplicaFailure');
  return withCondition(conditions, condition(nowMs, 'ReplicaFailure', failed.status, failed.reason ?? '', failed.message ?? ''));
}

/** Absent counts are zero: the API leaves zeros out. */
export function isSameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  const text = (s: DeploymentStatus | undefined): string =>
    JSON.stringify((s?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message, c.lastUpdateTime]).toSorted());
  return a !== undefined && COUNTS.every((field) => (a[field] ?? 0) === (b[field] ?? 0)) && text(a) === text(b);
}
