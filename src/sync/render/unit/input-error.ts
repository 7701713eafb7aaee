import type { SyncError } from '#api/headway/v1/types.ts';
import { HeadwayError } from '#base/errors.ts';

/** An input of a unit that cannot or may not be read; becomes an error of the commit. */
export class InputError extends HeadwayError<SyncError> {
  readonly code = 'render-input';
  readonly isRetryable = false;

  constructor(error: SyncError) {
    super(`${error.path}: ${error.message}`, error);
  }
}
