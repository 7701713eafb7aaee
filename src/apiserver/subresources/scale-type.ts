import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** No resource, but a kind of its own: strategic merge and Tables of a Scale follow its facts. */
export const SCALE: ResourceType<Scale & KubeObject> = {
  group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', singular: 'scale', shortNames: [], categories: [],
  namespaced: true, verbs: [], subresources: [], facts: 'autoscaling/v1.Scale',
};
