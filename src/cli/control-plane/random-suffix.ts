import { randomBytes } from 'node:crypto';
import { SAFE_ALPHABET } from '#api/names.ts';

/** Not quite even, as 256 is no multiple of the alphabet's length: what must be unique does not mind, and five calls for a number take 8 µs. */
export const randomSuffix = (length: number): string => {
  let suffix = '';
  for (const byte of randomBytes(length)) suffix += SAFE_ALPHABET[byte % SAFE_ALPHABET.length];
  return suffix;
};
