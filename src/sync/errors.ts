import { HeadwayError } from '#base/errors.ts';

/** Why a repository cannot give its commit; the `reason` of the Repository's condition. */
export type SourceReason =
  | 'InvalidURL' | 'InvalidRef' | 'NotARepository' | 'UnsupportedRepository' | 'EmptyRepository' | 'RefNotFound'
  | 'ObjectNotFound' | 'GitFailed' | 'GitMissing' | 'TimedOut';

/** Reading from a repository failed. Messages hold no credentials. */
export class SourceError extends HeadwayError<{ readonly reason: SourceReason }> {
  readonly code = 'sync-source';
  readonly isRetryable: boolean;

  constructor(reason: SourceReason, message: string, options?: ErrorOptions) {
    super(message, { reason }, options);
    this.isRetryable = reason !== 'InvalidURL' && reason !== 'InvalidRef';
  }
}
