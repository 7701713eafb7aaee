import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { jobDeletionOrder } from '#controller/deletion-order.ts';
import { isIndexed, ownIndexOf } from './indexes.ts';

/** The pods that go when `count` are too many: of an indexed Job all that work on no index or on one that another works on too, and then those that have done least. */
export function surplusPods(job: Job, active: readonly Pod[], count: number): readonly Pod[] {
  const ranked = active.toSorted(jobDeletionOrder);
  const idle = isIndexed(job) ? idlePods(job, ranked) : new Set<Pod>();
  const others = ranked.filter((pod) => !idle.has(pod)).slice(0, Math.max(0, count - idle.size));
  return [...idle, ...others];
}

function idlePods(job: Job, ranked: readonly Pod[]): ReadonlySet<Pod> {
  const workers = new Map<number, Pod>();
  const idle = new Set<Pod>();
  for (const pod of ranked) {
    const index = ownIndexOf(job, pod);
    const before = index === undefined ? pod : workers.get(index);
    if (before !== undefined) idle.add(before);
    if (index !== undefined) workers.set(index, pod);
  }
  return idle;
}
