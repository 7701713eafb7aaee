import type { HistoryPolicy } from '#api/headway/v1/types.ts';
import { parseDuration } from '../source/duration.ts';

const DEFAULT_COUNT = 20;
const DEFAULT_MAX_AGE = '720h';

export interface RecordAge {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Names of the records that a history has no room for any more: the oldest ones, and those past their age. */
export function expiredRecords(records: readonly RecordAge[], { count = DEFAULT_COUNT, maxAge = DEFAULT_MAX_AGE }: HistoryPolicy, now: number): readonly string[] {
  const oldest = now - (parseDuration(maxAge) ?? Number.POSITIVE_INFINITY);
  const newestFirst = records.toSorted((a, b) => b.startedAt - a.startedAt);
  return newestFirst.filter(({ startedAt }, i) => i >= count || startedAt < oldest).map(({ name }) => name);
}
