import { keyOf, splitKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { Informer } from '#client/informer.ts';

/** An object of any kind, as the queue names it: `deployments.apps|default/web`. */
export type ObjectKey = string;
export const objectKey = (resource: ResourceType, key: NamespacedName): ObjectKey => `${groupResource(resource)}|${key}`;

export interface Found {
  readonly resource: ResourceType;
  readonly object: KubeObject;
}

/** Who owns whom, over all kinds, as the informers show it. */
export class OwnerGraph {
  readonly #informers: ReadonlyMap<string, Informer<KubeObject>>;
  readonly #dependents = new Map<string, Set<ObjectKey>>();

  /** Construct before triggers subscribe, so that the graph knows an event before a key is enqueued for it. */
  constructor(informers: readonly Informer<KubeObject>[]) {
    this.#informers = new Map(informers.map((informer) => [groupResource(informer.resource), informer]));
    for (const informer of informers) {
      informer.subscribe({
        onAdd: (object) => this.#link(informer.resource, object),
        onUpdate: (object, old) => {
          this.#unlink(informer.resource, old);
          this.#link(informer.resource, object);
        },
        onDelete: (last) => this.#unlink(informer.resource, last),
      });
    }
  }

  find(key: ObjectKey): Found | undefined {
    const [id = '', name = ''] = key.split('|');
    const informer = this.#informers.get(id);
    const object = informer?.lister.get(name);
    return informer && object && { resource: informer.resource, object };
  }

  has(resource: ResourceType, key: NamespacedName, uid: string | undefined): boolean {
    return this.#informers.get(groupResource(resource))?.lister.get(key)?.metadata.uid === uid;
  }

  dependents(uid: string | undefined): readonly ObjectKey[] {
    return [...(this.#dependents.get(uid ?? '') ?? [])];
  }

  #link(resource: ResourceType, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const all = this.#dependents.get(uid) ?? new Set();
      all.add(objectKey(resource, keyOf(object)));
      this.#dependents.set(uid, all);
    }
  }

  #unlink(resource: ResourceType, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const all = this.#dependents.get(uid);
      all?.delete(objectKey(resource, keyOf(object)));
      if (all?.size === 0) this.#dependents.delete(uid);
    }
  }
}

/** Namespace of an owner: its dependent's, unless the owner is of a cluster-scoped kind. */
export const ownerKey = (resource: ResourceType, dependent: NamespacedName, name: string): NamespacedName => {
  const { namespace } = splitKey(dependent);
  return resource.namespaced && namespace !== '' ? `${namespace}/${name}` : name;
};
