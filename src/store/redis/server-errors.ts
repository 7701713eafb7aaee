import { HeadwayError } from '#base/errors.ts';

/** redis-server did not start, or ended before it served. `output` is the end of what it printed. */
export class RedisStartError extends HeadwayError<{ readonly binary: string; readonly dataDir: string; readonly output: string }> {
  readonly code = 'redis-start-failed';
  readonly isRetryable = false;
}

/** The append-only log cannot be read to its end. Nothing was changed; a person decides between repair and restore. */
export class AppendOnlyLogBrokenError extends HeadwayError<{ readonly file: string; readonly repair: string; readonly output: string }> {
  readonly code = 'append-only-log-broken';
  readonly isRetryable = false;
}

/** The disk is full, read-only, failing or not ours: nothing is damaged, and the same call may succeed when that has changed. */
export class DiskUnusableError extends HeadwayError<{ readonly dataDir: string; readonly reason: string }> {
  readonly code = 'disk-unusable';
  readonly isRetryable = true;
}

/** The server cannot hold the store: too old, or it answers before a write is on disk. The message names the repair. */
export class StoreUnsuitableError extends HeadwayError<{ readonly found: string }> {
  readonly code = 'store-unsuitable';
  readonly isRetryable = false;
}
