import type { GroupResource } from '#api/resource-type.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { WindowEvent } from './event-window.ts';
import type { CacheEvent, CacheWatch } from './watch-cache.ts';

export interface WatchersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly bookmarkIntervalMs: number;
}

export interface WatchStart {
  readonly namespace?: string;
  /** Events up to here are never told. */
  readonly position: number;
  /** Told first, before anything that is dispatched later. */
  readonly backlog: readonly WindowEvent[];
}

interface Watcher {
  readonly scope: string;
  readonly watch: CacheWatch;
  /** The newest revision that the watcher knows of, by event or progress. */
  position: number;
  /** Until the backlog is told, later events wait behind it. */
  backlog: CacheEvent[][] | undefined;
  isEnded: boolean;
}

/** The watches of all resources, indexed so that an event reaches only those that it concerns. */
export class Watchers {
  readonly #options: WatchersOptions;
  readonly #byScope = new Map<string, Set<Watcher>>();
  readonly #all = new Set<Watcher>();
  #cancelProgress: (() => void) | undefined;

  constructor(options: WatchersOptions) {
    this.#options = options;
  }

  /** The callbacks come after this has returned. */
  add(resource: GroupResource, { namespace, position, backlog }: WatchStart, watch: CacheWatch): () => void {
    const scope = scopeOf(resource, namespace);
    const group = this.#byScope.get(scope) ?? new Set();
    this.#byScope.set(scope, group);
    const inScope = backlog.filter((event) => namespace === undefined || event.current.namespace === namespace);
    const watcher: Watcher = { scope, watch, position, backlog: byTransaction(inScope), isEnded: false };
    group.add(watcher);
    this.#all.add(watcher);
    queueMicrotask(() => this.#tellBacklog(watcher));
    return () => this.#remove(watcher);
  }

  /** Tells all events of one transaction. */
  dispatch(events: readonly WindowEvent[]): void {
    for (const [resource, ofResource] of grouped(events, (event) => event.current.resource)) {
      this.#tell(scopeOf(resource), ofResource);
      for (const [namespace, ofNamespace] of grouped(ofResource, (event) => event.current.namespace)) {
        this.#tell(scopeOf(resource, namespace), ofNamespace);
      }
    }
  }

  /** Lets the watches that had no event learn of the revision, soon. */
  advanced(revision: () => number): void {
    if (this.#cancelProgress || this.#all.size === 0) return;
    this.#cancelProgress = this.#options.clock.after(this.#options.bookmarkIntervalMs, () => {
      this.#cancelProgress = undefined;
      for (const watcher of this.#all) this.#tellProgress(watcher, revision());
    });
  }

  endAll(reason: Error): void {
    this.#cancelProgress?.();
    this.#cancelProgress = undefined;
    for (const watcher of this.#all) this.#end(watcher, reason);
  }

  #tell(scope: string, events: readonly CacheEvent[]): void {
    for (const watcher of this.#byScope.get(scope) ?? []) {
      // A watch that was added by a callback of this very dispatch has these events in its backlog.
      const news = (events[0]?.revision ?? 0) > watcher.position ? events : events.filter((event) => event.revision > watcher.position);
      if (news.length > 0) this.#deliver(watcher, news);
    }
  }

  #deliver(watcher: Watcher, events: readonly CacheEvent[]): void {
    watcher.position = events.at(-1)?.revision ?? watcher.position;
    if (watcher.backlog) watcher.backlog.push([...events]);
    else this.#call(watcher, () => watcher.watch.onEvents(events));
  }

  #tellBacklog(watcher: Watcher): void {
    const { backlog } = watcher;
    watcher.backlog = undefined;
    for (const events of backlog ?? []) if (!watcher.isEnded) this.#call(watcher, () => watcher.watch.onEvents(events));
  }

  #tellProgress(watcher: Watcher, revision: number): void {
    if (watcher.backlog || watcher.isEnded || watcher.position >= revision || !watcher.watch.onProgress) return;
    watcher.position = revision;
    this.#call(watcher, () => watcher.watch.onProgress?.(revision));
  }

  /** A watcher that throws loses its watch, and harms no other. */
  #call(watcher: Watcher, callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#options.log.error('A watcher failed', { error });
      this.#end(watcher, asError(error));
    }
  }

  #end(watcher: Watcher, reason: Error): void {
    if (watcher.isEnded) return;
    this.#remove(watcher);
    try {
      watcher.watch.onEnd(reason);
    } catch (error) {
      this.#options.log.error('A watcher failed to end', { error });
    }
  }

  #remove(watcher: Watcher): void {
    watcher.isEnded = true;
    this.#all.delete(watcher);
    const group = this.#byScope.get(watcher.scope);
    group?.delete(watcher);
    if (group?.size === 0) this.#byScope.delete(watcher.scope);
  }
}

/** NUL is in no namespace: `resource` alone is the scope of all namespaces. */
const scopeOf = (resource: GroupResource, namespace?: string): string => (namespace === undefined ? resource : `${resource}\0${namespace}`);

/** Most transactions hold one event. */
const grouped = (events: readonly WindowEvent[], by: (event: WindowEvent) => string): Iterable<[string, readonly WindowEvent[]]> =>
  events.length === 1 ? [[by(events[0] as WindowEvent), events]] : Map.groupBy(events, by);

const byTransaction = (events: readonly WindowEvent[]): CacheEvent[][] => [...Map.groupBy(events, (event) => event.last).values()];
