import { parseExactJson } from '#api/exact-json.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import { notFound } from '#api/status-error.ts';
import type { ObjectKey, StoredObject } from '#store/object-store.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** An object and the revision of its last write. */
export interface Versioned {
  readonly object: KubeObject;
  readonly revision: number;
}

export const keyFor = (resource: ResourceType, namespace: string, name: string): ObjectKey =>
  ({ resource: groupResource(resource), namespace: resource.namespaced ? namespace : '', name });

/** The present state as the cache has it, which may be some milliseconds old. */
export function readCached(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Versioned | undefined {
  const cached = cache.get(groupResource(resource), resource.namespaced ? namespace : '', name);
  return cached && inVersion(resource, cached);
}

/** The present state, as of some moment after the call. */
export async function readFresh(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Promise<Versioned | undefined> {
  await cache.sync();
  return readCached(cache, resource, namespace, name);
}

/** Looks in the cache and, only when it lacks the object, makes sure that the cache is current. @throws StatusError NotFound */
export async function readExisting(cache: WatchCache, resource: ResourceType, namespace: string, name: string): Promise<Versioned> {
  const found = readCached(cache, resource, namespace, name) ?? (await readFresh(cache, resource, namespace, name));
  if (found === undefined) throw notFound(resource, name);
  return found;
}

export function decodeStored(stored: StoredObject): Versioned {
  const object = parseExactJson(stored.value) as KubeObject;
  return { object: withRevision(object, stored.revision), revision: stored.revision };
}

export const withRevision = (object: KubeObject, revision: number): KubeObject =>
  ({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });

/** The stored text: `metadata.resourceVersion` is the store's own revision and never part of it. */
export function encodeForStore(object: KubeObject): string {
  if (object.metadata.resourceVersion === undefined) return JSON.stringify(object);
  const { resourceVersion: _, ...metadata } = object.metadata;
  return JSON.stringify({ ...object, metadata });
}

/** Versions of one resource share their objects; each is served under the version that was asked for. */
function inVersion(resource: ResourceType, cached: Versioned): Versioned {
  const apiVersion = apiVersionOf(resource);
  return cached.object.apiVersion === apiVersion ? cached : { object: { ...cached.object, apiVersion }, revision: cached.revision };
}
