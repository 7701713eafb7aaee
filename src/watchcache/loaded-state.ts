import type { GroupResource } from '#api/resource-type.ts';
import type { HistoryEvent, StoredObject } from '#store/object-store.ts';
import type { CachedEntry, WrittenForm } from './cached-entry.ts';
import { ResourceCache } from './resource-cache.ts';

/** Undefined for resources whose objects are stored as clients get them. */
export type WrittenFormOf = (resource: GroupResource) => WrittenForm | undefined;

/** What a cache holds once a snapshot, then the history up to it, are loaded. */
export class LoadedState {
  readonly resources = new Map<GroupResource, ResourceCache>();
  readonly #windowEvents: number;
  readonly #historyStart: number;
  readonly #writtenFormOf: WrittenFormOf | undefined;
  /** For each resource, the newest state of each key that the history has told so far. */
  readonly #states = new Map<GroupResource, Map<string, CachedEntry>>();

  constructor(windowEvents: number, historyStart: number, writtenFormOf?: WrittenFormOf) {
    this.#writtenFormOf = writtenFormOf;
    this.#windowEvents = windowEvents;
    this.#historyStart = historyStart;
  }

  addObject({ key, value, revision }: StoredObject): void {
    const cache = this.#resource(key.resource);
    cache.load(cache.entry(key, value, revision));
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
    if (!cache) this.resources.set(resource, (cache = new ResourceCache(this.#windowEvents, this.#historyStart, this.#writtenFormOf?.(resource))));
    return cache;
  }
}
