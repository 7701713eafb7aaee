import type { GroupResource } from '#api/resource-type.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { inSlices } from '#base/in-slices.ts';
import type { Logger } from '#base/logger.ts';
import { StoreReplacedError } from '#store/errors.ts';
import type { ObjectStore, StoreBatch, StoreHistory, StoreSnapshot } from '#store/object-store.ts';
import type { WrittenFormOf } from './cached-entry.ts';
import { CacheClosedError, FutureRevisionError } from './errors.ts';
import { LoadedState } from './loaded-state.ts';
import { RecentForms } from './recent-forms.ts';
import { ResourceCache, type ResourceCacheOptions } from './resource-cache.ts';
import { RevisionWaiters } from './revision-waiters.ts';
import { TextMemory } from './text-memory.ts';
import type { CachedList, CachedObject, CacheWatch, ListOptions, WatchCache } from './watch-cache.ts';
import { Watchers } from './watchers.ts';

const WAIT_TIMEOUT_MS = 3000;
const RELOAD_BACKOFF_MS = { first: 20, max: 1000 };
/**
 * Bytes of text whose decoded objects are kept at least, twice as many at most: a small cluster's all, of a large one what is worked on.
 * A decoded object takes two to three times its text.
 */
const RECENT_FORMS_SIZE = 4 * 1024 * 1024;
/** Bytes of text that stay in memory: of some ten thousand objects. */
const TEXTS_IN_MEMORY = 16 * 1024 * 1024;
/** Past states of one resource, in bytes of text. A burst of changes to large objects would hold as much as all objects do. */
const WINDOW_SIZE = 8 * 1024 * 1024;
/** Objects loaded between two turns of the event loop: about a millisecond. */
const LOAD_SLICE = 2000;
/**
 * Past transactions that are read at the start, so that watches and paged lists of before it go on: at 100 writes a second
 * the last fifty seconds of them, and a restart takes one. More would delay every start.
 */
const HISTORY_BATCHES = 5_000;

export interface WatchCacheOptions {
  readonly store: ObjectStore;
  readonly log: Logger;
  readonly clock: Clock;
  /** Events kept for each resource: how far back a watch can resume and a paged list can go on. */
  readonly windowEvents: number;
  readonly bookmarkIntervalMs: number;
  /** How the text of objects differs from what is stored. Default: not at all. */
  readonly writtenFormOf?: WrittenFormOf;
  /** A directory on a disk for the texts of objects that have been as they are for longest, beyond `size` bytes in memory. Default: all stay in memory. */
  readonly spill?: { readonly directory: string; readonly size?: number };
}

/**
 * Loads the store and follows it until closed. When the store no longer has the events that are needed, all watches end and
 * everything is loaded again; when its data was replaced, all watches end and every later call fails with StoreReplacedError.
 */
export function createWatchCache(options: WatchCacheOptions): WatchCache {
  return new StoreWatchCache(options);
}

class StoreWatchCache implements WatchCache {
  readonly #options: WatchCacheOptions;
  readonly #closing = new AbortController();
  readonly #loaded = Promise.withResolvers<void>();
  readonly #waiters: RevisionWaiters;
  readonly #watchers: Watchers;
  readonly #running: Promise<void>;
  readonly #forms = new RecentForms(RECENT_FORMS_SIZE);
  #resources = new Map<GroupResource, ResourceCache>();
  #texts: TextMemory | undefined;
  #revision = 0;
  /** The window of a resource that is not there yet begins here. */
  #historyStart = 0;
  #failure: Error | undefined;
  #asking: Promise<unknown> | undefined;
  #nextSync: Promise<number> | undefined;

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#waiters = new RevisionWaiters(options.clock);
    this.#watchers = new Watchers(options);
    this.#loaded.promise.catch(() => undefined);
    this.#running = this.#run();
  }

  get revision(): number {
    return this.#revision;
  }

  ready(): Promise<void> {
    return this.#loaded.promise;
  }

  get(resource: GroupResource, namespace: string, name: string): CachedObject | undefined {
    return this.#resources.get(resource)?.get(namespace, name);
  }

  list(resource: GroupResource, options: ListOptions = {}): CachedList {
    if ((options.revision ?? 0) > this.#revision) {
      throw new FutureRevisionError('The watch cache has not reached the revision', { revision: options.revision ?? 0, current: this.#revision });
    }
    return this.#resource(resource).list(options, this.#revision);
  }

  async waitFor(revision: number, timeoutMs: number = WAIT_TIMEOUT_MS): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (revision > this.#revision) await this.#waiters.wait(revision, timeoutMs, () => this.#revision);
  }

  isCurrent(): boolean {
    const known = this.#failure ? undefined : this.#options.store.knownRevision();
    return known !== undefined && known <= this.#revision;
  }

  /** A question that is under way may have been answered before this call; all calls until it is back share the next one. */
  sync(): Promise<number> {
    if (this.isCurrent()) return Promise.resolve(this.#revision);
    this.#nextSync ??= this.#askNext();
    return this.#nextSync;
  }

  watch(resource: GroupResource, { afterRevision, namespace }: { readonly afterRevision: number; readonly namespace?: string }, watch: CacheWatch): () => void {
    if (this.#failure) throw this.#failure;
    const backlog = this.#resource(resource).eventsAfter(afterRevision);
    const position = Math.max(afterRevision, this.#revision);
    return this.#watchers.add(resource, { position, backlog, ...(namespace !== undefined && { namespace }) }, watch);
  }

  async close(): Promise<void> {
    this.#fail(new CacheClosedError('The watch cache is closed', {}));
    await this.#running;
  }

  async #askNext(): Promise<number> {
    await this.#asking?.catch(() => undefined);
    const answer = this.#options.store.revision();
    this.#asking = answer;
    this.#nextSync = undefined;
    const revision = await answer;
    await this.waitFor(revision);
    return revision;
  }

  #resource(resource: GroupResource): ResourceCache {
    let cache = this.#resources.get(resource);
    if (!cache) this.#resources.set(resource, (cache = new ResourceCache(resource, this.#cacheOptions(this.#historyStart, this.#texts))));
    return cache;
  }

  #cacheOptions(floor: number, texts: TextMemory | undefined): ResourceCacheOptions {
    return { window: { events: this.#options.windowEvents, size: WINDOW_SIZE }, floor, forms: this.#forms, texts, writtenFormOf: this.#options.writtenFormOf };
  }

  #newTexts(): TextMemory | undefined {
    const { log, spill } = this.#options;
    return spill && new TextMemory({ log, size: TEXTS_IN_MEMORY, ...spill });
  }

  async #run(): Promise<void> {
    const { clock, log, store } = this.#options;
    for (let waitMs = RELOAD_BACKOFF_MS.first; !this.#failure; waitMs = Math.min(waitMs * 2, RELOAD_BACKOFF_MS.max)) {
      try {
        const snapshot = await store.snapshot();
        await this.#load(snapshot, await store.history(snapshot.revision, HISTORY_BATCHES));
        waitMs = RELOAD_BACKOFF_MS.first;
        await store.follow(this.#revision, this.#closing.signal, (batch) => this.#apply(batch));
      } catch (thrown) {
        const error = asError(thrown);
        if (this.#failure) return;
        if (error instanceof StoreReplacedError) return this.#fail(error);
        log.warn('The watch cache loads the store again', { error });
        this.#watchers.endAll(error);
      }
      await clock.sleep(waitMs, this.#closing.signal).catch(() => undefined);
    }
  }

  /** Readers see the old state until the new one is whole. */
  async #load({ objects, revision }: StoreSnapshot, history: StoreHistory): Promise<void> {
    const texts = this.#newTexts();
    const loaded = new LoadedState(this.#cacheOptions(history.after, texts));
    await inSlices(objects, LOAD_SLICE, (slice) => slice.forEach((object) => loaded.addObject(object)));
    await inSlices(history.batches, LOAD_SLICE, (slice) => slice.forEach((batch) => loaded.addBatch(batch)));
    this.#resources = loaded.resources;
    this.#texts = texts;
    this.#historyStart = history.after;
    this.#revision = revision;
    this.#loaded.resolve();
    this.#waiters.reached(revision);
  }

  #apply(batch: StoreBatch): void {
    const span = { first: batch[0]?.revision ?? 0, last: batch.at(-1)?.revision ?? 0 };
    const events = batch.map((event) => this.#resource(event.key.resource).apply(event, span));
    this.#revision = span.last;
    this.#watchers.dispatch(events);
    this.#watchers.advanced(() => this.#revision);
    this.#waiters.reached(span.last);
  }

  #fail(reason: Error): void {
    if (this.#failure) return;
    this.#failure = reason;
    this.#closing.abort(reason);
    this.#loaded.reject(reason);
    this.#waiters.fail(reason);
    this.#watchers.endAll(reason);
  }
}
