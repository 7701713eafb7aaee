import { HeadwayError } from '#base/errors.ts';

/** The cache did not reach a revision in time. */
export class TimeoutError extends HeadwayError<{ readonly revision: number; readonly current: number }> {
  readonly code = 'watch-cache-timeout';
  readonly isRetryable = true;
}

/** A list at a revision that the cache has not reached yet. */
export class FutureRevisionError extends HeadwayError<{ readonly revision: number; readonly current: number }> {
  readonly code = 'future-revision';
  readonly isRetryable = true;
}

/** The cache was closed while a watch or a wait was under way. */
export class CacheClosedError extends HeadwayError<Record<string, never>> {
  readonly code = 'watch-cache-closed';
  readonly isRetryable = false;
}

/** A file that holds states of objects does not hold what was written to it. */
export class SpillUnreadableError extends HeadwayError<{ readonly start: number; readonly length: number }> {
  readonly code = 'spill-unreadable';
  readonly isRetryable = false;
}
