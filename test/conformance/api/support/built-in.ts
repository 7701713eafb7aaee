import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';

/** A built-in resource by its kind; in the version that is named, or the first one. */
export function builtIn<T extends KubeObject = KubeObject>(kind: string, apiVersion?: string): ResourceType<T> {
  const found = BUILT_IN_RESOURCES.find((r) => r.kind === kind && (apiVersion === undefined || apiVersionOf(r) === apiVersion));
  if (!found) throw new Error(`${kind} is not built in`);
  return found as ResourceType<T>;
}
