import type { ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Write } from '#store/object-store.ts';

/** Where reservations stand in the store: a resource that no client can reach. */
export const RESERVATIONS = 'uid-reservations.internal.headway.dev';

interface Reservation extends KubeObject {
  readonly data: { readonly uid: string };
}

/** UIDs that owners of restored pods will get when they are made again, under (group, kind, namespace, name). */
export class UidReservations {
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** The UID that is kept for the object, if any. The write that makes the object also drops the reservation, see {@link release}. */
  claim(resource: ResourceType, namespace: string, name: string): string | undefined {
    const kept = this.#cache.get(RESERVATIONS, namespace, nameOf(resource.group, resource.kind, name))?.object as Reservation | undefined;
    return kept?.data.uid;
  }

  /** The write that keeps a UID. */
  reserve(options: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string; readonly uid: string }): Write {
    const name = nameOf(options.group, options.kind, options.name);
    const value: Reservation = { apiVersion: 'internal.headway.dev/v1', kind: 'UidReservation', metadata: { name, ...(options.namespace === '' ? {} : { namespace: options.namespace }) }, data: { uid: options.uid } };
    return { type: 'put', key: { resource: RESERVATIONS, namespace: options.namespace, name }, value: JSON.stringify(value), expect: 'any' };
  }

  /** The write that drops the reservation of an object that has just been made; undefined when there is none. */
  release(resource: ResourceType, object: KubeObject): Write | undefined {
    const namespace = object.metadata.namespace ?? '';
    const name = nameOf(resource.group, resource.kind, object.metadata.name);
    if (this.#cache.get(RESERVATIONS, namespace, name) === undefined) return undefined;
    return { type: 'delete', key: { resource: RESERVATIONS, namespace, name }, expect: 'any' };
  }
}

const nameOf = (group: string, kind: string, name: string): string => `${group}/${kind}/${name}`;
