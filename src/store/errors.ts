import { HeadwayError } from '#base/errors.ts';

export class StoreUnavailableError extends HeadwayError<{ readonly operation: string }> {
  readonly code = 'store-unavailable';
  readonly isRetryable = true;
}

export class RevisionCompactedError extends HeadwayError<{ readonly requested: number; readonly oldest: number }> {
  readonly code = 'revision-compacted';
  readonly isRetryable = false;
}
