import { HeadwayError } from '#base/errors.ts';
import { StatusError } from '#api/status-error.ts';

/** The API server gave no answer: refused, broken or silent connection. Whether a write happened is unknown. */
export class ApiUnreachableError extends HeadwayError<{ readonly server: string }> {
  readonly code = 'api-unreachable';
  readonly isRetryable = true;

  constructor(server: string, why: string, options?: ErrorOptions) {
    super(`cannot reach the API server at ${server}: ${why}`, { server }, options);
  }
}

/** An answer without a Status; 404 comes without one where a server serves nothing at all. */
export const unexplained = (code: number): StatusError =>
  code === 404 ? new StatusError('NotFound', 'the server could not find the requested resource', { details: {} }) : new StatusError('InternalError', `the server answered ${code} with no Status`, { code });
