import type { Job } from '#api/generated/batch/v1.ts';
import { parseIndexes } from './indexes.ts';

/** The first rule by which the completed indexes are enough, in the words of Kubernetes; undefined while none says so. */
export function metSuccessPolicy({ spec }: Job, completed: ReadonlySet<number>): string | undefined {
  if (completed.size === 0) return undefined;
  const index = (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && completed.size >= succeededCount;
    const wanted = parseIndexes(succeededIndexes, spec.completions);
    const found = [...wanted].filter((i) => completed.has(i)).length;
    return wanted.size > 0 && found >= Math.min(wanted.size, succeededCount ?? Infinity);
  });
  return index < 0 ? undefined : `Matched rules at index ${index}`;
}
