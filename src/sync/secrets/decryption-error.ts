import { HeadwayError } from '#base/errors.ts';

/** `KeyNotFound`: none of the keys fits. `Tampered`: the contents are not what was encrypted. */
export type DecryptionReason = 'InvalidEncryption' | 'UnsupportedEncryption' | 'InvalidKey' | 'KeyNotFound' | 'Tampered';

/** Where in a file, or in an object. */
export interface DecryptionPlace {
  /** One-based. */
  readonly line?: number;
  readonly field?: string;
}

/** Something encrypted cannot be read. Messages name fields and keys, never a value. */
export class DecryptionError extends HeadwayError<DecryptionPlace & { readonly reason: DecryptionReason }> {
  readonly code = 'decryption';
  readonly isRetryable = false;

  constructor(reason: DecryptionReason, message: string, { cause, ...place }: DecryptionPlace & ErrorOptions = {}) {
    super(place.field === undefined ? message : `${place.field}: ${message}`, { reason, ...place }, cause === undefined ? {} : { cause });
  }
}
