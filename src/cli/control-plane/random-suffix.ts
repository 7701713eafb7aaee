import { randomInt } from 'node:crypto';

/** Letters and digits of Kubernetes' generated names: no vowels, nothing that looks like another. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
export const randomSuffix = (length: number): string => Array.from({ length }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]).join('');
