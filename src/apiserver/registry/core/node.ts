import type { Node } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';

/** A node registers with its status, and keeps annotations current together with it. */
export const NODE: Strategy = {
  keepsStatusOnCreate: true,
  prepareCreate: withoutConfig,
  prepareUpdate: withoutConfig,
};

/** No kubelet reads its configuration from the API any more. */
function withoutConfig(object: KubeObject): KubeObject {
  const { spec } = object as Node & KubeObject;
  if (spec?.configSource === undefined) return object;
  const { configSource: _, ...rest } = spec;
  return { ...object, spec: rest } as KubeObject;
}
