import type { Conversion, EncodedObject } from '#api/conversion.ts';
import type { CacheEvent } from '#watchcache/watch-cache.ts';

/** Events of a watch with their objects in the served version; a promise only while a webhook is asked. */
export function convertEvents(conversion: Conversion, events: readonly CacheEvent[]): readonly CacheEvent[] | Promise<readonly CacheEvent[]> {
  const stored = events.flatMap((e) => (e.previous === undefined ? [e.current] : [e.current, e.previous]));
  const served = conversion.serve(stored);
  return served instanceof Promise ? served.then((found) => withObjects(events, found)) : withObjects(events, served);
}

function withObjects(events: readonly CacheEvent[], served: readonly EncodedObject[]): readonly CacheEvent[] {
  let index = 0;
  return events.map((event) => {
    const current = served[index++] ?? event.current;
    return event.previous === undefined ? { ...event, current } : { ...event, current, previous: served[index++] ?? event.previous };
  });
}
