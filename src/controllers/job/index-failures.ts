import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { endedAtMs } from './ended-at.ts';
import { isIndexed, ownIndexOf, parseIndexes } from './indexes.ts';
import { failurePolicyVerdict } from './pod-failure-policy.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';
const MAX_COUNT = 2 ** 31 - 1;

/** Whether each index has failures of its own, instead of the Job as a whole. */
export const hasLimitPerIndex = (job: Job): boolean => isIndexed(job) && job.spec.backoffLimitPerIndex !== undefined;

/** How many pods of its index failed before this one. */
function failuresBefore(pod: Pod): { readonly counted: number; readonly ignored: number } {
  const count = (key: string): number => {
    const value = Number(pod.metadata.annotations?.[key] ?? '0');
    return Number.isInteger(value) && value >= 0 && value <= MAX_COUNT ? value : 0;
  };
  return { counted: count(FAILURES), ignored: count(IGNORED) };
}

/** How many pods of the index have failed when this one has, those that the Job ignores included: its successor waits the longer. */
export function failuresWith(pod: Pod): number {
  const { counted, ignored } = failuresBefore(pod);
  return counted + ignored + 1;
}

/** What a pod is told of the one that it replaces, when that failed. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (replaced === undefined) return { [FAILURES]: '0' };
  const { counted, ignored } = failuresBefore(replaced);
  const isIgnored = failurePolicyVerdict(job, replaced)?.action === 'Ignore';
  const ignoredNow = ignored + (isIgnored ? 1 : 0);
  return { [FAILURES]: String(counted + (isIgnored ? 0 : 1)), ...(ignoredNow > 0 ? { [IGNORED]: String(ignoredNow) } : {}) };
}

/** The indexes that have failed for good: those of the status, and those of `failed`, pods that failed and are not counted yet. */
export function failedIndexesOf(job: Job, failed: readonly Pod[]): ReadonlySet<number> {
  const ended = failed.filter((pod) => endsIndex(job, pod)).map((pod) => ownIndexOf(job, pod)).filter((i) => i !== undefined);
  return new Set([...parseIndexes(job.status?.failedIndexes, job.spec.completions), ...ended]);
}

function endsIndex(job: Job, pod: Pod): boolean {
  const action = failurePolicyVerdict(job, pod)?.action;
  return action === 'FailIndex' || (action !== 'Ignore' && failuresBefore(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0));
}

/**
 * Of each index that is to be tried again, the last pod that failed. It is kept until its successor is there: it alone says how often the index has failed.
 */
export function lastFailures(job: Job, failed: readonly Pod[], taken: ReadonlySet<number | undefined>): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  for (const pod of failed) {
    const index = ownIndexOf(job, pod);
    if (index === undefined || taken.has(index)) continue;
    const other = last.get(index);
    if (other === undefined || (failuresWith(other) <= failuresWith(pod) && endedAtMs(other) <= endedAtMs(pod))) last.set(index, pod);
  }
  return last;
}
