import { HeadwayError } from '#base/errors.ts';

export class StoreUnavailableError extends HeadwayError<{ readonly operation: string }> {
  readonly code = 'store-unavailable';
  readonly isRetryable = true;
}

export class RevisionCompactedError extends HeadwayError<{ readonly requested: number; readonly oldest: number }> {
  readonly code = 'revision-compacted';
  readonly isRetryable = false;
}

/**
 * The data behind the store is not the data that this process has read: another storeId, or a history that lacks what was
 * acknowledged (flushed, restored from a backup, a failover that lost writes). Whatever the process remembers may be wrong:
 * it must start again.
 */
export class StoreReplacedError extends HeadwayError<{ readonly expected: string; readonly found: string }> {
  readonly code = 'store-replaced';
  readonly isRetryable = false;
}
