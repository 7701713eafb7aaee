import type { Job, JobCondition } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { isConditionTrue } from '#controller/conditions.ts';
import { isPodActive, isPodTerminating } from '#controller/pods.ts';
import { failedIndexesOf, hasLimitPerIndex, lastFailures } from './index-failures.ts';
import { indexOf, isIndexed, ownIndexOf, parseIndexes } from './indexes.ts';
import { failurePolicyVerdict } from './pod-failure-policy.ts';
import { metSuccessPolicy } from './success-policy.ts';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';

/** What the Job's pods amount to. A pod that ended is counted in two steps, so that a crash between them counts none twice and none never. */
export interface PodTally {
  readonly active: readonly Pod[];
  /** Those whose indexes are taken: the active ones, and the terminating ones if only failed pods are replaced. */
  readonly working: readonly Pod[];
  readonly terminating: number;
  readonly ready: number;
  /** UIDs of pods that ended, for `uncountedTerminatedPods`: they enter the counts when their finalizer is seen to be off. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** How many were uncounted until now, and have lost their finalizer. */
  readonly counted: { readonly succeeded: number; readonly failed: number };
  /** Indexed Jobs: indexes that pods have completed; they need no counting. */
  readonly completedIndexes: readonly number[];
  /** Indexes that have failed for good. Absent: indexes have no failures of their own. */
  readonly failedIndexes?: ReadonlySet<number> | undefined;
  /** By index: pods that failed, keep the finalizer until their successors are there, and are counted then. */
  readonly held: ReadonlyMap<number, Pod>;
  /** Those held included. */
  readonly newlyFailed: readonly Pod[];
  /** Ended, and in the status by the end of this round: the finalizer comes off. */
  readonly settled: readonly Pod[];
}

const NONE_HELD: PodTally['held'] = new Map();

export const isFinished = (job: Job): boolean => isConditionTrue(job.status?.conditions, 'Complete') || isConditionTrue(job.status?.conditions, 'Failed');
export const hasFinalizer = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;
const uidOf = (pod: Pod): string => pod.metadata.uid ?? '';

/** `isOver`: no pod has a successor any more, so none is held. */
export function tallyPods(job: Job, pods: readonly Pod[], { isOver = false }: { readonly isOver?: boolean } = {}): PodTally {
  const before = { succeeded: job.status?.uncountedTerminatedPods?.succeeded ?? [], failed: job.status?.uncountedTerminatedPods?.failed ?? [] };
  const known = new Set([...before.succeeded, ...before.failed]);
  const tracked = new Set(pods.filter(hasFinalizer).map(uidOf));
  // A Job whose status is new may have pods that ended under an earlier status, which was lost with the store.
  const isRestored = job.status?.startTime === undefined && (job.status?.conditions ?? []).length === 0;
  const isTracked = (p: Pod): boolean => hasFinalizer(p) || (isRestored && p.metadata.deletionTimestamp === undefined);
  const ended = pods.filter((p) => isTracked(p) && hasEnded(job, p) && !isOutOfRange(job, p));
  const succeeded = ended.filter((p) => p.status?.phase === 'Succeeded');
  const newlyFailed = ended.filter((p) => p.status?.phase !== 'Succeeded' && !known.has(uidOf(p)) && failurePolicyVerdict(job, p)?.action !== 'Ignore');
  const newlySucceeded = isIndexed(job) ? [] : succeeded.filter((p) => !known.has(uidOf(p)));
  const stillTracked = (uids: readonly string[]): readonly string[] => uids.filter((uid) => tracked.has(uid));
  const active = pods.filter(isPodActive);
  const terminating = pods.filter(isPodTerminating);
  const completedIndexes = isIndexed(job) ? succeeded.map(indexOf).filter((i) => i !== undefined) : [];
  const failed = ended.filter((p) => p.status?.phase !== 'Succeeded');
  const failedIndexes = hasLimitPerIndex(job) ? failedIndexesOf(job, failed) : undefined;
  const taken = new Set([...parseIndexes(job.status?.completedIndexes), ...completedIndexes, ...(failedIndexes ?? []), ...active.map(indexOf)]);
  const held = failedIndexes === undefined || isOver ? NONE_HELD : lastFailures(job, failed, taken);
  const isHeld = (p: Pod): boolean => held.get(indexOf(p) ?? -1) === p;
  return {
    active,
    working: replacesOnlyFailed(job) ? [...active, ...terminating] : active,
    terminating: terminating.length,
    ready: active.filter(isPodReady).length,
    uncounted: {
      succeeded: [...stillTracked(before.succeeded), ...newlySucceeded.map(uidOf)],
      failed: [...stillTracked(before.failed), ...newlyFailed.filter((p) => !isHeld(p)).map(uidOf)],
    },
    counted: { succeeded: before.succeeded.length - stillTracked(before.succeeded).length, failed: before.failed.length - stillTracked(before.failed).length },
    completedIndexes,
    failedIndexes,
    held,
    newlyFailed,
    settled: pods.filter((p) => hasFinalizer(p) && hasEnded(job, p) && !isHeld(p)),
  };
}

/** A pod that is being deleted has failed; whether it is counted before it is gone is the Job's replacement policy, unless nothing replaces it since the Job fails. */
function hasEnded(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return true;
  if (pod.metadata.deletionTimestamp === undefined) return false;
  return isConditionTrue(job.status?.conditions, 'FailureTarget') || !replacesOnlyFailed(job);
}

const replacesOnlyFailed = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
const isOutOfRange = (job: Job, pod: Pod): boolean => isIndexed(job) && ownIndexOf(job, pod) === undefined;

export interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

export interface VerdictInput {
  readonly job: Job;
  readonly succeeded: number;
  readonly failed: number;
  /** Indexed Jobs: all indexes that have been completed. */
  readonly completed: ReadonlySet<number>;
  readonly tally: PodTally;
  readonly nowMs: number;
}

/** Whether the Job has come to its end, and why; undefined while it goes on. */
export function judge({ job, succeeded, failed, completed, tally, nowMs }: VerdictInput): Verdict | undefined {
  const pending = pendingVerdict(job);
  if (pending) return pending;
  const policy = tally.newlyFailed.map((p) => failurePolicyVerdict(job, p)).find((v) => v?.action === 'FailJob');
  if (policy) return { type: 'Failed', reason: 'PodFailurePolicy', message: policy.message };
  if (failed > (job.spec.backoffLimit ?? 6)) return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (exceedsRestarts(job, tally.active)) return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (isPastDeadline(job, nowMs)) return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const byIndexes = verdictOfIndexes(job, completed, tally);
  if (byIndexes) return byIndexes;
  return isDone(job, succeeded, tally) ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' } : undefined;
}

function verdictOfIndexes(job: Job, completed: ReadonlySet<number>, { failedIndexes }: PodTally): Verdict | undefined {
  const failures = failedIndexes?.size ?? 0;
  if (failures > (job.spec.maxFailedIndexes ?? Infinity)) return { type: 'Failed', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
  if (failures > 0 && failures + completed.size >= (job.spec.completions ?? Infinity)) return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' };
  const message = metSuccessPolicy(job, completed);
  return message === undefined ? undefined : { type: 'Complete', reason: 'SuccessPolicy', message };
}

/** A verdict whose final condition waits for the last pods to go. */
function pendingVerdict(job: Job): Verdict | undefined {
  const of = (type: string, final: Verdict['type']): Verdict | undefined => {
    const c = job.status?.conditions?.find((x) => x.type === type && x.status === 'True');
    return c && { type: final, reason: c.reason ?? '', message: c.message ?? '' };
  };
  return of('FailureTarget', 'Failed') ?? of('SuccessCriteriaMet', 'Complete');
}

/** A suspended Job is done too when nothing is left to be done. */
function isDone(job: Job, succeeded: number, tally: PodTally): boolean {
  // Without completions any success ends a work queue, once the other workers have ended too.
  if (job.spec.completions === undefined) return succeeded > 0 && tally.active.length === 0;
  return succeeded >= job.spec.completions;
}

/** Restarts in place count as failures when the kubelet restarts containers. */
function exceedsRestarts(job: Job, active: readonly Pod[]): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = active.flatMap((p) => [...(p.status?.initContainerStatuses ?? []), ...(p.status?.containerStatuses ?? [])]).reduce((sum, c) => sum + c.restartCount, 0);
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

export function msToDeadline(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || suspend || !job.status?.startTime) return undefined;
  return Date.parse(job.status.startTime) + Number(activeDeadlineSeconds) * 1_000 - nowMs;
}
const isPastDeadline = (job: Job, nowMs: number): boolean => (msToDeadline(job, nowMs) ?? 1) <= 0;

/** How many pods should run now: no more than are still needed, and terminating ones keep their place if the policy says so. */
export function wantedActive(job: Job, succeeded: number, tally: PodTally): number {
  if (job.spec.suspend) return 0;
  const parallelism = job.spec.parallelism ?? 1;
  const ending = replacesOnlyFailed(job) ? tally.terminating : 0;
  const limit = job.spec.completions === undefined
    ? (succeeded > 0 ? Math.min(tally.active.length, parallelism) : parallelism)
    : Math.min(parallelism, job.spec.completions - succeeded);
  return Math.max(0, limit - ending);
}

export const newCondition = (type: string, status: string, reason: string, message: string, now: string): JobCondition =>
  ({ type, status, reason, message, lastProbeTime: now, lastTransitionTime: now });
