import type { GroupResource } from '#api/resource-type.ts';
import type { HistoryEvent, StoredObject } from '#store/object-store.ts';
import type { CachedEntry } from './cached-entry.ts';
import { ResourceCache, type ResourceCacheOptions } from './resource-cache.ts';

/** What a cache holds once a snapshot, then the history up to it, are loaded. */
export class LoadedState {
  readonly resources = new Map<GroupResource, ResourceCache>();
  readonly #options: ResourceCacheOptions;
  /** For each resource, the newest state of each key that the history has told so far. */
  readonly #states = new Map<GroupResource, Map<string, CachedEntry>>();

  constructor(options: ResourceCacheOptions) {
    this.#options = options;
  }

  addObject(stored: StoredObject): void {
    this.#resource(stored.key.resource).load(stored);
  }

  /** Oldest first, when all objects are there. */
  addBatch(batch: readonly HistoryEvent[]): void {
    const span = { first: batch[0]?.revision ?? 0, last: batch.at(-1)?.revision ?? 0 };
    for (const event of batch) {
      const { resource } = event.key;
      let states = this.#states.get(resource);
      if (!states) this.#states.set(resource, (states = new Map()));
      this.#resource(resource).remember(event, span, states);
    }
  }

  #resource(resource: GroupResource): ResourceCache {
    let cache = this.resources.get(resource);
    if (!cache) this.resources.set(resource, (cache = new ResourceCache(resource, this.#options)));
    return cache;
  }
}
