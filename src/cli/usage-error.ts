import { HeadwayError } from '#base/errors.ts';

/** Something that the person at the terminal must change; printed as it is, without a stack. */
export class UsageError extends HeadwayError<Record<string, never>> {
  readonly code = 'usage';
  readonly isRetryable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, {}, options);
  }
}
