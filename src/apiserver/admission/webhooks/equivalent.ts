import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';

/** The object in another version of its resource; objects of other kinds (of subresources) stay as they are. Versions of built-in kinds share one form. */
export function inVersion<T extends KubeObject | undefined>(resource: ResourceType, object: T): T {
  if (object === undefined || object.kind !== resource.kind || object.apiVersion === apiVersionOf(resource)) return object;
  return { ...object, apiVersion: apiVersionOf(resource) };
}
