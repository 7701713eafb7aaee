import type { RetryPolicy } from '#api/headway/v1/types.ts';
import { parseDuration } from '../source/duration.ts';

const DEFAULT_INTERVAL_MS = 5000;
const DEFAULT_MAX_INTERVAL_MS = 180_000;
/** Beyond it, any interval has long reached its maximum. */
const MAX_DOUBLINGS = 30;

/** Milliseconds before the next try after so many failed ones; undefined when there shall be none. */
export function retryDelay({ limit = -1, interval = '', maxInterval = '' }: RetryPolicy, failures: number): number | undefined {
  if (limit >= 0 && failures > limit) return undefined;
  const first = parseDuration(interval) ?? DEFAULT_INTERVAL_MS;
  return Math.min(first * 2 ** Math.min(failures - 1, MAX_DOUBLINGS), parseDuration(maxInterval) ?? DEFAULT_MAX_INTERVAL_MS);
}
