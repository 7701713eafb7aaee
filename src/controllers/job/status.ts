import { formatTime } from '#base/clock.ts';
import type { Job, JobCondition, JobStatus } from '#api/generated/batch/v1.ts';
import { findCondition, withCondition } from '#controller/conditions.ts';
import { formatIndexes, isIndexed, parseIndexes } from './indexes.ts';
import { newCondition, type PodTally, type Verdict } from './plan.ts';

export interface StatusInput {
  readonly job: Job;
  readonly tally: PodTally;
  readonly nowMs: number;
}

export interface Counts {
  /** As the status shows them. */
  readonly succeeded: number;
  readonly failed: number;
  /** With the pods that ended but are not counted yet: what decisions go by. */
  readonly allSucceeded: number;
  readonly allFailed: number;
  readonly completed: ReadonlySet<number>;
}

/** Indexed: an index succeeds once, however many of its pods did. */
export function countsOf({ job, tally }: Pick<StatusInput, 'job' | 'tally'>): Counts {
  const completed = new Set([...parseIndexes(job.status?.completedIndexes, job.spec.completions), ...tally.completedIndexes]);
  const failed = (job.status?.failed ?? 0) + tally.counted.failed;
  const succeeded = isIndexed(job) ? completed.size : (job.status?.succeeded ?? 0) + tally.counted.succeeded;
  const held = [...tally.held.values()].filter((pod) => tally.newlyFailed.includes(pod)).length;
  return { succeeded, failed, completed, allSucceeded: succeeded + tally.uncounted.succeeded.length, allFailed: failed + tally.uncounted.failed.length + held };
}

export function jobStatus(input: StatusInput, counts: Counts, verdict: Verdict | undefined): JobStatus {
  const { job, tally, nowMs } = input;
  const now = formatTime(nowMs);
  const conditions = conditionsOf(input, verdict, now);
  const isOver = conditions.some((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True');
  const finishing = verdict !== undefined;
  // What has come to its end must have begun.
  const startTime = job.spec.suspend && !finishing ? undefined : (job.status?.startTime ?? now);
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(isOver && job.status?.startTime ? { startTime: job.status.startTime } : startTime ? { startTime } : {}),
    ...(isOver && verdict?.type === 'Complete' ? { completionTime: job.status?.completionTime ?? now } : {}),
    active: finishing ? 0 : tally.active.length,
    ready: finishing ? 0 : tally.ready,
    terminating: finishing && !isOver ? tally.terminating + tally.active.length : tally.terminating,
    succeeded: counts.succeeded,
    failed: counts.failed,
    ...(isIndexed(job) && counts.completed.size > 0 ? { completedIndexes: formatIndexes(counts.completed) } : {}),
    ...(tally.failedIndexes ? { failedIndexes: formatIndexes(tally.failedIndexes) } : {}),
    uncountedTerminatedPods: {
      ...(tally.uncounted.succeeded.length > 0 ? { succeeded: tally.uncounted.succeeded } : {}),
      ...(tally.uncounted.failed.length > 0 ? { failed: tally.uncounted.failed } : {}),
    },
  };
}

function conditionsOf({ job, tally }: StatusInput, verdict: Verdict | undefined, now: string): readonly JobCondition[] {
  const present = job.status?.conditions ?? [];
  if (!verdict) return suspension(job, present, now);
  const interim = verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const withInterim = withCondition(present, newCondition(interim, 'True', verdict.reason, verdict.message, now));
  // The last word waits until no pod runs any more and all are counted.
  const isSettled = tally.active.length === 0 && tally.terminating === 0 && tally.uncounted.succeeded.length === 0 && tally.uncounted.failed.length === 0;
  if (!isSettled) return withInterim;
  return withCondition(withInterim, newCondition(verdict.type, 'True', verdict.reason, verdict.message, now));
}

function suspension(job: Job, present: readonly JobCondition[], now: string): readonly JobCondition[] {
  if (job.spec.suspend) return withCondition(present, newCondition('Suspended', 'True', 'JobSuspended', 'Job suspended', now));
  if (!findCondition(present, 'Suspended')) return present;
  return withCondition(present, newCondition('Suspended', 'False', 'JobResumed', 'Job resumed', now));
}

/** Absent counts are zero: the API leaves zeros out. */
export function isSameStatus(a: JobStatus | undefined, b: JobStatus): boolean {
  const text = (s: JobStatus | undefined): string => JSON.stringify([
    s?.active ?? 0, s?.ready ?? 0, s?.terminating ?? 0, s?.succeeded ?? 0, s?.failed ?? 0, s?.completedIndexes ?? '', s?.failedIndexes ?? null, s?.startTime, s?.completionTime,
    s?.uncountedTerminatedPods?.succeeded ?? [], s?.uncountedTerminatedPods?.failed ?? [], (s?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message]),
  ]);
  return a !== undefined && text(a) === text(b);
}
