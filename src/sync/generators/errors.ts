import { HeadwayError } from '#base/errors.ts';

/** The `reason` of an ApplicationSet's condition. */
export type GeneratorReason =
  | 'SourceNotReady' | 'InvalidFile' | 'ProviderFailed' | 'ProviderRefused' | 'SecretNotFound' | 'ParameterConflict' | 'UnknownParameter';

/** A generator cannot say what there shall be: nothing is deleted. Messages hold no credentials. */
export class GeneratorError extends HeadwayError<{ readonly reason: GeneratorReason; readonly retryAfterMs?: number }> {
  readonly code = 'sync-generator';
  readonly isRetryable: boolean;

  /** `retryAfterMs`: when another try makes sense, if nothing else tells. */
  constructor(reason: GeneratorReason, message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, { reason, ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }) }, options);
    this.isRetryable = reason !== 'ParameterConflict' && reason !== 'UnknownParameter' && reason !== 'InvalidFile';
  }
}
