import { randomInt } from 'node:crypto';
import { SAFE_ALPHABET } from '#api/names.ts';

/** Of up to ten letters, out of one random number: as many as it has digits. */
export function randomSuffix(length: number): string {
  let rest = randomInt(SAFE_ALPHABET.length ** length);
  let suffix = '';
  for (let i = 0; i < length; i++) {
    suffix += SAFE_ALPHABET[rest % SAFE_ALPHABET.length];
    rest = Math.floor(rest / SAFE_ALPHABET.length);
  }
  return suffix;
}
