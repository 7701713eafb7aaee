import { warnOfFractions } from './fractions.ts';
import type { PersistentVolumeClaimSpec } from '#api/generated/core/v1.ts';

const STORAGE = ['storage'];

/** Of a claim's own spec, or of one that is made into claims. */
export const warnOfClaimSpec = (path: string, { resources }: PersistentVolumeClaimSpec): readonly string[] =>
  (resources === undefined ? [] : [...warnOfFractions(`${path}.resources.requests`, resources.requests, STORAGE), ...warnOfFractions(`${path}.resources.limits`, resources.limits, STORAGE)]);
