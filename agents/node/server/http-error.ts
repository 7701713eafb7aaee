import { HeadwayError } from '#base/errors.ts';

/** An answer of the agent's server that is no success. */
export class HttpError extends HeadwayError<{ readonly httpCode: number }> {
  readonly code = 'agent-http';
  readonly isRetryable = false;

  constructor(httpCode: number, message: string) {
    super(message, { httpCode });
  }
}
