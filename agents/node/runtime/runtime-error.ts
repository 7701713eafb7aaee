import { HeadwayError } from '#base/errors.ts';

/** A call that the container runtime refused or could not do. Retryable when the runtime cannot be reached now. */
export class RuntimeError extends HeadwayError<{ readonly call: string; readonly grpcCode: number }> {
  readonly code = 'container-runtime';
  readonly isRetryable: boolean;

  constructor(call: string, grpcCode: number, message: string, options?: ErrorOptions) {
    super(message, { call, grpcCode }, options);
    this.isRetryable = grpcCode === UNAVAILABLE || grpcCode === DEADLINE_EXCEEDED;
  }
}

export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const UNIMPLEMENTED = 12;
export const UNAVAILABLE = 14;

export const isRuntimeError = (error: unknown, ...codes: readonly number[]): error is RuntimeError =>
  error instanceof RuntimeError && (codes.length === 0 || codes.includes(error.data.grpcCode));
