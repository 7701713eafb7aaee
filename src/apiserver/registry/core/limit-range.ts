import { randomUUID } from 'node:crypto';
import type { Strategy } from '../strategy.ts';

/** One without a name gets one. */
export const LIMIT_RANGE: Strategy = {
  allowsCreateOnUpdate: true,
  prepareCreate: (range) => (range.metadata.name ? range : { ...range, metadata: { ...range.metadata, name: randomUUID() } }),
};
