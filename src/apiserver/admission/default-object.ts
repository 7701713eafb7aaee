import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** The object that annotations mark as the default of its kind; of several the youngest, then the first by name. */
export function defaultObject(cache: WatchCache, resource: GroupResource, annotations: readonly string[]): KubeObject | undefined {
  const marked = cache.list(resource).items.map((item) => item.object).filter(({ metadata }) => annotations.some((key) => metadata.annotations?.[key] === 'true'));
  const time = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '';
  return marked.toSorted((a, b) => time(b).localeCompare(time(a)) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}
