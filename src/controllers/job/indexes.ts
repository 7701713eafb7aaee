import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';

export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed';

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[INDEX_ANNOTATION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The index that a pod works on, when the Job still has it: it may have been made smaller. */
export function ownIndexOf(job: Job, pod: Pod): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0) ? index : undefined;
}

/** Reads `1,3-5,7`, the form of `completedIndexes`, as far as the Job has them. */
export function parseIndexes(text: string | undefined, completions = Infinity): ReadonlySet<number> {
  const found = new Set<number>();
  for (const part of (text ?? '').split(',').filter((p) => p !== '')) {
    const [first, last = first] = part.split('-').map(Number);
    for (let i = first ?? 0; i <= Math.min(last ?? -1, completions - 1); i++) found.add(i);
  }
  return found;
}

/** Writes runs of three or more as `3-5`, as Kubernetes does. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].toSorted((a, b) => a - b);
  const parts: string[] = [];
  for (let start = 0, end = 0; start < sorted.length; start = end + 1) {
    for (end = start; sorted[end + 1] === (sorted[end] ?? 0) + 1; ) end++;
    if (end - start === 1) parts.push(String(sorted[start]), String(sorted[end]));
    else parts.push(end === start ? String(sorted[start]) : `${sorted[start]}-${sorted[end]}`);
  }
  return parts.join(',');
}

/** The lowest `count` indexes that have not come to their end, and that none of the pods works on. */
export function freeIndexes(job: Job, ended: Iterable<number>, working: readonly Pod[], count: number): readonly number[] {
  const taken = new Set([...ended, ...working.map(indexOf)]);
  const free: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0) && free.length < count; i++) if (!taken.has(i)) free.push(i);
  return free;
}
