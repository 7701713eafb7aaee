import { finalizerWarnings } from '#api/validation/object-meta.ts';
import type { Strategy } from '../strategy.ts';

/** Objects of CustomResourceDefinitions; a status of its own is no part of what is counted. */
export const CUSTOM_RESOURCE: Strategy = {
  hasGeneration: true,
  countsAll: true,
  requiresResourceVersion: true,
  warnings: (object, live) => finalizerWarnings(object.metadata, live?.metadata),
};
