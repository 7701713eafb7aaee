import type { PruneLimit } from '#api/headway/v1/types.ts';

const DEFAULT_PERCENT = 50;
/** Of fewer objects a share says little. */
const MIN_OBJECTS_FOR_SHARE = 10;

/** Why a commit that deletes `count` of an application's `total` objects would wait for a confirmation; undefined when it would not. */
export function deletionHold({ count: limit, percent = DEFAULT_PERCENT }: PruneLimit, { count, total }: { readonly count: number; readonly total: number }): string | undefined {
  if (limit !== undefined && count > limit) return `it deletes ${count} objects; spec.syncPolicy.pruneLimit.count is ${limit}`;
  if (total < MIN_OBJECTS_FOR_SHARE || percent >= 100 || count * 100 <= percent * total) return undefined;
  return `it deletes ${count} of ${total} objects; spec.syncPolicy.pruneLimit.percent is ${percent}`;
}
