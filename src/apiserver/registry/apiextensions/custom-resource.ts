import type { KubeObject } from '#api/object.ts';
import { finalizerWarnings } from '#api/validation/object-meta.ts';
import type { WriteContext } from '../../call.ts';
import type { Strategy } from '../strategy.ts';

/** Objects of CustomResourceDefinitions; a status of its own is no part of what is counted. */
export const CUSTOM_RESOURCE: Strategy = {
  hasGeneration: true,
  countsAll: true,
  requiresResourceVersion: true,
  prepareCreate: (object, _env, context) => warned(object, undefined, context),
  prepareUpdate: (object, live, _env, context) => warned(object, live, context),
};

function warned(object: KubeObject, live: KubeObject | undefined, context: WriteContext): KubeObject {
  for (const warning of finalizerWarnings(object.metadata, live?.metadata)) context.warn(warning);
  return object;
}
