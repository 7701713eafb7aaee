import type { ListMeta, ObjectMeta } from '#api/generated/meta/v1.ts';

/** Any object of the API. Objects are shared between readers and never changed in place. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export interface ObjectList<T extends KubeObject = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of work queues and listers. */
export type NamespacedName = string;

export const keyOf = (object: KubeObject): NamespacedName => joinKey(object.metadata.namespace, object.metadata.name);
export const joinKey = (namespace: string | undefined, name: string): NamespacedName => (namespace ? `${namespace}/${name}` : name);
export function splitKey(key: NamespacedName): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
