import { parseExactJson } from '#api/exact-json.ts';
import type { EncodedObject } from '#api/conversion.ts';
import { storedResource, type ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import { MAX_BODY_BYTES, tooLarge } from '#api/parse.ts';
import { notFound } from '#api/status-error.ts';
import type { ObjectKey, StoredObject } from '#store/object-store.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** An object and the revision of its last write. */
export interface Versioned {
  readonly object: KubeObject;
  readonly revision: number;
  /** What lies in the store, for kinds whose objects are converted. */
  readonly stored?: KubeObject;
}

export const keyFor = (resource: ResourceType, namespace: string, name: string): ObjectKey =>
  ({ resource: storedResource(resource), namespace: resource.namespaced ? namespace : '', name });

/** The present state as the cache has it, which may be some milliseconds old. For kinds without conversion. */
export const readCached = (cache: WatchCache, resource: ResourceType, namespace: string, name: string): Versioned | undefined =>
  cache.get(storedResource(resource), resource.namespaced ? namespace : '', name);

/** The same for every kind, in the version of the resource; a promise only where a webhook converts. @throws StatusError InternalError */
export function readServed(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Versioned | undefined | Promise<Versioned> {
  const cached = cache.get(storedResource(resource), resource.namespaced ? namespace : '', name);
  return cached === undefined || resource.conversion === undefined ? cached : servedOf(resource, cached);
}

/** The present state, as of some moment after the call. */
export async function readFresh(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Promise<Versioned | undefined> {
  await cache.sync();
  return readServed(cache, resource, namespace, name);
}

/** A stored object in the version of a resource that converts. */
export function servedOf(resource: ResourceType, stored: EncodedObject): Versioned | Promise<Versioned> {
  const served = resource.conversion?.serve([stored]) ?? [stored];
  const versioned = ([first]: readonly EncodedObject[]): Versioned => ({ object: (first ?? stored).object, revision: stored.revision, stored: stored.object });
  return served instanceof Promise ? served.then(versioned) : versioned(served);
}

/** Looks in the cache and, only when it lacks the object, makes sure that the cache is current. @throws StatusError NotFound */
export async function readExisting(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Promise<Versioned> {
  const found = (await readServed(cache, resource, namespace, name)) ?? (await readFresh(cache, resource, namespace, name));
  if (found === undefined) throw notFound(resource, name);
  return found;
}

export function decodeStored(stored: StoredObject): Versioned {
  const object = parseExactJson(stored.value) as KubeObject;
  return { object: withRevision(object, stored.revision), revision: stored.revision };
}

export const withRevision = (object: KubeObject, revision: number): KubeObject =>
  ({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });

/**
 * A text to be stored that is no larger than what one request may bring: patches could make an object grow without end. Where Kubernetes
 * stops at etcd's half of that, Redis has no limit of its own. @throws StatusError RequestEntityTooLarge
 */
export function ofBoundedSize(text: string): string {
  // A UTF-16 unit takes three bytes at most: few texts are measured.
  if (text.length * 3 > MAX_BODY_BYTES && Buffer.byteLength(text) > MAX_BODY_BYTES) throw tooLarge();
  return text;
}
