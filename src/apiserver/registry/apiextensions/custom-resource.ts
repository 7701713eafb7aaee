import type { Strategy } from '../strategy.ts';

/** Objects of CustomResourceDefinitions; a status of its own is no part of what is counted. */
export const CUSTOM_RESOURCE: Strategy = { hasGeneration: true, countsAll: true, statusKeepsMetadata: true };
