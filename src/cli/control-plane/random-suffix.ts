import { randomInt } from 'node:crypto';
import { SAFE_ALPHABET } from '#api/names.ts';

export const randomSuffix = (length: number): string => Array.from({ length }, () => SAFE_ALPHABET[randomInt(SAFE_ALPHABET.length)]).join('');
