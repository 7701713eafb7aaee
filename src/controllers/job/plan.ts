import type { Job, JobCondition } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { isConditionTrue } from '#controller/conditions.ts';
import { isPodActive, isPodTerminating } from '#controller/pods.ts';
import { failedIndexesOf, hasLimitPerIndex, lastFailures } from './index-failures.ts';
import { indexOf, isIndexed, ownIndexOf, parseIndexes } from './indexes.ts';
import { failurePolicyVerdict } from './pod-failure-policy.ts';
import { metSuccessPolicy } from './success-policy.ts';
import { surplusPods } from './surplus.ts';

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
  /** How often containers were restarted in place in pods that have not ended, those that go away included. */
  readonly restarts: number;
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
  /** Ended, and in the status by the end of this round, or of a Job that goes away: the finalizer comes off. */
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
    restarts: restartsOf(pods),
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
    settled: pods.filter((p) => hasFinalizer(p) && (job.metadata.deletionTimestamp !== undefined || (hasEnded(job, p) && !isHeld(p)))),
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
  /** Whether all pods that were made are known: others would outlive a Job that came to its end without them. Default: yes. */
  readonly isSeen?: boolean;
}

/** Whether the Job has come to its end, and why; undefined while it goes on. */
export function judge({ job, succeeded, failed, completed, tally, nowMs, isSeen = true }: VerdictInput): Verdict | undefined {
  const pending = pendingVerdict(job);
  if (pending || !isSeen) return pending;
  const policy = tally.newlyFailed.map((p) => failurePolicyVerdict(job, p)).find((v) => v?.action === 'FailJob');
  if (policy) return { type: 'Failed', reason: 'PodFailurePolicy', message: policy.message };
  if (failed > (job.spec.backoffLimit ?? 6)) return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (exceedsRestarts(job, tally.restarts)) return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
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
function exceedsRestarts(job: Job, restarts: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const limit = job.spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

const restartsOf = (pods: readonly Pod[]): number =>
  pods.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]).reduce((sum, c) => sum + c.restartCount, 0);

/** A Job that has not begun begins now. */
export function msToDeadline(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || suspend) return undefined;
  const startMs = job.status?.startTime ? Date.parse(job.status.startTime) : nowMs;
  return startMs + Number(activeDeadlineSeconds) * 1_000 - nowMs;
}
const isPastDeadline = (job: Job, nowMs: number): boolean => (msToDeadline(job, nowMs) ?? 1) <= 0;

/** What is to be made and taken away in one round, at most; as many as Kubernetes. */
const MAX_PODS_A_ROUND = 500;

/** How many pods should run: no more than are still needed. A work queue that has had a success keeps those that it has. */
export function wantedActive({ spec }: Job, succeeded: number, tally: PodTally): number {
  if (spec.suspend) return 0;
  const parallelism = spec.parallelism ?? 1;
  if (spec.completions === undefined) return succeeded > 0 ? tally.active.length : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded));
}

/** How many pods are to be made in this round. Those that go away keep their places if the policy says so, but nobody has to go for them. */
export function missingPods(job: Job, succeeded: number, tally: PodTally): number {
  const ending = replacesOnlyFailed(job) ? tally.terminating : 0;
  return Math.min(MAX_PODS_A_ROUND, Math.max(0, wantedActive(job, succeeded, tally) - tally.active.length - ending));
}

/** Which pods are too many. */
export function surplusOf(job: Job, succeeded: number, tally: PodTally): readonly Pod[] {
  return surplusPods(job, tally.active, Math.max(0, tally.active.length - wantedActive(job, succeeded, tally))).slice(0, MAX_PODS_A_ROUND);
}

export const newCondition = (type: string, status: string, reason: string, message: string, now: string): JobCondition =>
  ({ type, status, reason, message, lastProbeTime: now, lastTransitionTime: now });
