import { randomUUID } from 'node:crypto';
import { SAFE_ALPHABET } from '#api/names.ts';

/** Letters from the first eight hexadecimal digits of a UUID, two for each. */
const LETTERS = 4;

/**
 * From UUIDs, whose bits Node makes in stock: five random numbers take 8 µs, five random bytes 12. The letters are not quite equally frequent,
 * as 256 is no multiple of the alphabet's length, which names that must be unique do not mind.
 */
export const randomSuffix = (length: number): string => {
  let suffix = '';
  for (let uuid = ''; suffix.length < length; ) {
    const at = (suffix.length % LETTERS) * 2;
    if (at === 0) uuid = randomUUID();
    suffix += SAFE_ALPHABET[Number.parseInt(uuid.slice(at, at + 2), 16) % SAFE_ALPHABET.length];
  }
  return suffix;
};
