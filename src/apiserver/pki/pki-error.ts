import { HeadwayError } from '#base/errors.ts';

export class PkiBrokenError extends HeadwayError<{ readonly file: string }> {
  readonly code = 'pki-broken';
  readonly isRetryable = false;
}
