import { HeadwayError } from '#base/errors.ts';

/** The API server gave no answer: refused, broken or silent connection. Whether a write happened is unknown. */
export class ApiUnreachableError extends HeadwayError<{ readonly server: string }> {
  readonly code = 'api-unreachable';
  readonly isRetryable = true;

  constructor(server: string, why: string, options?: ErrorOptions) {
    super(`cannot reach the API server at ${server}: ${why}`, { server }, options);
  }
}
