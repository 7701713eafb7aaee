import type { Clock } from '#base/clock.ts';
import type { GroupResource } from '#api/resource-type.ts';
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
  const retry = (): void => {
    options.onGap();
    if (!isOver) stop = options.clock.after(RETRY_MS, start);
  };
  const start = (): void => {
    try {
      const { cache, resource, onEvents } = options;
      stop = cache.watch(resource, { afterRevision: cache.revision }, { onEvents, onEnd: retry });
      options.onGap();
    } catch {
      // The cache loads anew, or is closed: the first ends soon, and with the second so does the server.
      retry();
    }
  };
  start();
  return () => {
    isOver = true;
    stop();
  };
}
