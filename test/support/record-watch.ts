import type { CacheEvent, WatchCache } from '#watchcache/watch-cache.ts';

export interface RecordedWatch {
  /** The events, a list for each call. */
  readonly calls: (readonly CacheEvent[])[];
  readonly progress: number[];
  readonly ended: Error[];
  /** Resolves when the watch ends. */
  readonly end: Promise<Error>;
  names(): (string | undefined)[];
  stop(): void;
}

/** Watches from the present revision, or from the one given, and keeps all that is told. */
export function recordWatch(cache: WatchCache, resource: string, options: { readonly afterRevision?: number; readonly namespace?: string } = {}): RecordedWatch {
  const calls: (readonly CacheEvent[])[] = [];
  const progress: number[] = [];
  const ended: Error[] = [];
  const end = Promise.withResolvers<Error>();
  const stop = cache.watch(resource, { afterRevision: cache.revision, ...options }, {
    onEvents: (events) => void calls.push(events),
    onProgress: (revision) => void progress.push(revision),
    onEnd: (reason) => {
      ended.push(reason);
      end.resolve(reason);
    },
  });
  return { calls, progress, ended, end: end.promise, names: () => calls.flat().map((event) => event.current.object.metadata.name), stop };
}
