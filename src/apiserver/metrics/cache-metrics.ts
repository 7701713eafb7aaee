import type { Exposition, Sample } from '#base/exposition.ts';
import { groupResource, isStored } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** How many objects of each resource the cache holds, and how far it has come. */
export function writeCacheMetrics(out: Exposition, cache: WatchCache, scheme: Scheme): void {
  const samples = new Map<string, Sample>();
  for (const resource of scheme.all()) {
    const name = groupResource(resource);
    if (samples.has(name) || !isStored(resource)) continue;
    const { items, remaining } = cache.list(name, { limit: 1 });
    samples.set(name, { labels: { group: resource.group, resource: resource.plural }, value: items.length + remaining });
  }
  out.gauge('apiserver_resource_objects', 'Stored objects by group and resource.', [...samples.values()]);
  out.gauge('apiserver_storage_objects', 'Stored objects by resource; the older form of apiserver_resource_objects.', [...samples].map(([resource, { value }]) => ({ labels: { resource }, value })));
  out.gauge('apiserver_watch_cache_resource_version', 'Revision that reads show.', [{ labels: {}, value: cache.revision }]);
}
