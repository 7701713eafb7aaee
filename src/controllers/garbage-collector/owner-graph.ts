import { keyOf, splitKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { NAMESPACES } from '#api/resources.ts';
import { ownText } from '#base/own-memory.ts';
import type { Informer } from '#client/informer.ts';

/** An object of any kind, as the queue names it: `deployments.apps|default/web`. */
export type ObjectKey = string;
export const objectKey = (resource: ResourceType, key: NamespacedName): ObjectKey => `${groupResource(resource)}|${key}`;

export interface Found {
  readonly resource: ResourceType;
  readonly object: KubeObject;
}

interface Member {
  readonly informer: Informer<KubeObject>;
  readonly unsubscribe: () => void;
}

/** Owners that went with dependents left, as many as Kubernetes remembers. */
const MAX_GONE = 500;

/** Who owns whom, over all kinds, as the informers show it. */
export class OwnerGraph {
  readonly #members = new Map<GroupResource, Member>();
  readonly #dependents = new Map<string, Set<ObjectKey>>();
  readonly #gone = new Set<string>();

  /** Construct before triggers subscribe, so that the graph knows an event before a key is enqueued for it. */
  constructor(informers: readonly Informer<KubeObject>[]) {
    for (const informer of informers) this.add(informer);
  }

  add(informer: Informer<KubeObject>): void {
    const unsubscribe = informer.subscribe({
      onAdd: (object) => this.#link(informer.resource, object),
      onUpdate: (object, old) => {
        this.#unlink(informer.resource, old);
        this.#link(informer.resource, object);
      },
      onDelete: (last) => {
        this.#unlink(informer.resource, last);
        this.#remember(last.metadata.uid);
      },
    });
    this.#members.set(groupResource(informer.resource), { informer, unsubscribe });
  }

  /** @param isGone the objects do not exist any more, rather than being out of sight */
  remove(resource: GroupResource, isGone: boolean): void {
    const member = this.#members.get(resource);
    if (!member) return;
    member.unsubscribe();
    this.#members.delete(resource);
    for (const object of member.informer.lister.list()) {
      this.#unlink(member.informer.resource, object);
      if (isGone) this.#remember(object.metadata.uid);
    }
  }

  find(key: ObjectKey): Found | undefined {
    const [id = '', name = ''] = key.split('|');
    const informer = this.#members.get(id)?.informer;
    const object = informer?.lister.get(name);
    return informer && object && { resource: informer.resource, object };
  }

  has(resource: ResourceType, key: NamespacedName, uid: string | undefined): boolean {
    return this.#members.get(groupResource(resource))?.informer.lister.get(key)?.metadata.uid === uid;
  }

  dependents(uid: string | undefined): readonly ObjectKey[] {
    return [...(this.#dependents.get(uid ?? '') ?? [])];
  }

  /** Whether an object stands in any namespace under the name. */
  isAnywhere(resource: ResourceType, name: string, uid: string): boolean {
    const namespaces = this.#members.get(groupResource(NAMESPACES))?.informer.lister.list() ?? [];
    return namespaces.some(({ metadata }) => this.has(resource, `${metadata.name}/${name}`, uid));
  }

  /** Whether an owner was seen going, which counts where its kind went with it and cannot be asked for any more. */
  isGone(uid: string): boolean {
    return this.#gone.has(uid);
  }

  #remember(uid: string | undefined): void {
    if (uid === undefined || !this.#dependents.has(uid)) return;
    this.#gone.add(uid);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= MAX_GONE) break;
      this.#gone.delete(oldest);
    }
  }

  #link(resource: ResourceType, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const all = this.#dependents.get(uid) ?? new Set();
      all.add(ownText(objectKey(resource, keyOf(object))));
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
