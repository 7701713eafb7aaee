import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { endedAtMs } from './ended-at.ts';
import { failuresWith, hasLimitPerIndex } from './index-failures.ts';
import { freeIndexes, isIndexed } from './indexes.ts';
import type { PodTally } from './plan.ts';

/** Kubernetes' back-off between failures: 10 s, doubling to 10 min, counted from the last failure. */
export function failureBackoffMs(failures: number, lastFailureMs: number, nowMs: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastFailureMs + Math.min(10_000 * 2 ** (failures - 1), 600_000) - nowMs);
}

export interface NextPods {
  /** An index for each pod that is to be made now; undefined for one without. */
  readonly now: readonly (number | undefined)[];
  /** When to look again for those that have to wait; Infinity when none has. */
  readonly waitMs: number;
}

export interface NextPodsInput {
  readonly job: Job;
  readonly pods: readonly Pod[];
  readonly tally: PodTally;
  readonly completed: ReadonlySet<number>;
  readonly nowMs: number;
}

/** Up to `count` more pods: after failures all of them wait, or each index does for itself if it has failures of its own. */
export function nextPods({ job, pods, tally, completed, nowMs }: NextPodsInput, count: number): NextPods {
  const free = isIndexed(job) ? freeIndexes(job, [...completed, ...(tally.failedIndexes ?? [])], tally.working, count) : Array.from({ length: count }, () => undefined);
  const waitOf = (index: number | undefined): number => {
    const last = tally.held.get(index ?? -1);
    return last === undefined ? 0 : failureBackoffMs(failuresWith(last), endedAtMs(last), nowMs);
  };
  const waits = hasLimitPerIndex(job) ? free.map(waitOf) : free.map(() => commonBackoffMs(pods, nowMs));
  return { now: free.filter((_, i) => waits[i] === 0), waitMs: Math.min(...waits.filter((ms) => ms > 0), Infinity) };
}

function commonBackoffMs(pods: readonly Pod[], nowMs: number): number {
  const ends = (phase: string): readonly number[] => pods.filter((p) => p.status?.phase === phase).map(endedAtMs);
  const lastSuccessMs = Math.max(0, ...ends('Succeeded'));
  const failures = ends('Failed').filter((ms) => ms > lastSuccessMs);
  return failureBackoffMs(failures.length, Math.max(0, ...failures), nowMs);
}
