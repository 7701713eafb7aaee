import { keyOf, type KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { type ObjectKey, objectKey, type OwnerGraph, ownerKey } from './owner-graph.ts';
import { isOfInterest, isOrphaning, isWaitingForDependents } from './plan.ts';

/** Undefined for kinds that are not followed. */
export type FindResource = (apiVersion: string, kind: string) => ResourceType | undefined;

/** Whom an event may give work. */
export class EventKeys {
  readonly #graph: OwnerGraph;
  readonly #find: FindResource;

  constructor(graph: OwnerGraph, find: FindResource) {
    this.#graph = graph;
    this.#find = find;
  }

  keysOf(resource: ResourceType, object: KubeObject, old: KubeObject | undefined): readonly ObjectKey[] {
    const key = keyOf(object);
    const isGone = !this.#graph.has(resource, key, object.metadata.uid);
    // Its dependents have lost an owner, and an owner that waits may have lost its last dependent.
    if (isGone) return [...this.#graph.dependents(object.metadata.uid), ...this.#waitingOwners(object)];
    if (!isOfInterest(object, old) || this.#isPlainAdd(object, old)) return [];
    return [objectKey(resource, key), ...(old === undefined ? [] : this.#waitingOwners(object))];
  }

  /** The common case, a new object whose owners are all there: when one of them goes, that is an event of its own. */
  #isPlainAdd(object: KubeObject, old: KubeObject | undefined): boolean {
    return old === undefined && !isHeldBack(object) && (object.metadata.ownerReferences ?? []).every((reference) => {
      const owner = this.#find(reference.apiVersion, reference.kind);
      return owner !== undefined && this.#graph.has(owner, ownerKey(owner, keyOf(object), reference.name), reference.uid);
    });
  }

  #waitingOwners(object: KubeObject): readonly ObjectKey[] {
    const owners = (object.metadata.ownerReferences ?? []).flatMap((reference) => {
      const owner = this.#find(reference.apiVersion, reference.kind);
      return owner ? [objectKey(owner, ownerKey(owner, keyOf(object), reference.name))] : [];
    });
    return owners.filter((key) => isHeldBack(this.#graph.find(key)?.object));
  }
}

const isHeldBack = (owner: KubeObject | undefined): boolean => owner !== undefined && (isWaitingForDependents(owner) || isOrphaning(owner));
