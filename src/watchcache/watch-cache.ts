import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';

/** Every object as text, decoded and encoded once for as long as it is read, kept current from the store's event log. One in each API server. */
export interface CachedObject {
  /** Frozen in effect: shared by all readers, decoded anew when nobody has read it for long. `metadata.resourceVersion` is set. */
  readonly object: KubeObject;
  readonly revision: number;
  /** The same object as JSON text; kept and made anew as `object` is. */
  json(): Buffer;
}

export interface CacheEvent {
  /** `put` of a key that was there carries `previous`, so that a selector can tell MODIFIED from ADDED and DELETED. */
  readonly type: 'put' | 'delete';
  readonly current: CachedObject;
  readonly previous?: CachedObject;
  readonly revision: number;
}

export interface ListOptions {
  /** All namespaces when absent. */
  readonly namespace?: string;
  /** Only keys after this one, in the order of `namespace/name`, as Kubernetes lists. */
  readonly after?: { readonly namespace: string; readonly name: string };
  readonly limit?: number;
  /**
   * The state at exactly this revision, for the later pages of a list; the present state when absent.
   * @throws RevisionCompactedError when the cache no longer reaches back so far.
   */
  readonly revision?: number;
}

export interface CachedList {
  readonly items: readonly CachedObject[];
  /** The revision that the list shows: a transaction is in it whole or not at all. */
  readonly revision: number;
  /** How many more items there are after a limited list. */
  readonly remaining: number;
}

export interface CacheWatch {
  /** Events of one transaction arrive in one call, in order. */
  readonly onEvents: (events: readonly CacheEvent[]) => void;
  /** Called at most once: the watcher must start again from a list. */
  readonly onEnd: (reason: Error) => void;
  /** Told whenever the cache advances without an event for this watch; at most every `bookmarkIntervalMs`. */
  readonly onProgress?: (revision: number) => void;
}

export interface WatchCache {
  /** Resolves when the first snapshot is loaded. */
  ready(): Promise<void>;
  /** The newest revision that reads show. */
  readonly revision: number;
  get(resource: GroupResource, namespace: string, name: string): CachedObject | undefined;
  list(resource: GroupResource, options?: ListOptions): CachedList;
  /** Resolves as soon as reads show `revision` (at once when they do). @throws TimeoutError after `timeoutMs` (default 3000). */
  waitFor(revision: number, timeoutMs?: number): Promise<void>;
  /** Whether it is known without asking that reads show the store's newest revision: then `sync` has nothing to wait for. */
  isCurrent(): boolean;
  /** Learns the store's revision and waits for it: what follows is a linearizable read. Concurrent calls share round trips. */
  sync(): Promise<number>;
  /**
   * Calls back for every event of the resource after `afterRevision`; the returned function ends it.
   * @throws RevisionCompactedError when the event window no longer reaches back so far.
   */
  watch(resource: GroupResource, options: { readonly afterRevision: number; readonly namespace?: string }, watch: CacheWatch): () => void;
  close(): Promise<void>;
}
