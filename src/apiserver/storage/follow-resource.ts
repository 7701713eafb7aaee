import type { Clock } from '#base/clock.ts';
import type { GroupResource } from '#api/resource-type.ts';
import { CacheClosedError } from '#watchcache/errors.ts';
import type { CacheEvent, WatchCache } from '#watchcache/watch-cache.ts';

export interface FollowOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  readonly resource: GroupResource;
  readonly onEvents: (events: readonly CacheEvent[]) => void;
  /** Events may have been missed: what was remembered must be read again. */
  readonly onGap: () => void;
}

const RETRY_MS = 100;

/** Follows a resource for the life of the server, over reloads of the cache; the returned function ends it. */
export function followResource(options: FollowOptions): () => void {
  let stop: () => void = () => {};
  let isOver = false;
  const retry = (error: unknown): void => {
    options.onGap();
    if (!isOver && !(error instanceof CacheClosedError)) stop = options.clock.after(RETRY_MS, start);
  };
  const start = (): void => {
    try {
      const { cache, resource, onEvents } = options;
      stop = cache.watch(resource, { afterRevision: cache.revision }, { onEvents, onEnd: retry });
      options.onGap();
    } catch (error) {
      // The cache loads anew, which takes a moment.
      retry(error);
    }
  };
  start();
  return () => {
    isOver = true;
    stop();
  };
}
