import type { Exposition } from '#base/exposition.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** Events of one resource that were sent to watchers. */
export interface WatchEventCount {
  readonly labels: { readonly group: string; readonly version: string; readonly resource: string };
  value: number;
}

/** Counts what watches tell; a watch keeps its resource's count, so that an event costs an addition. */
export class WatchEvents {
  readonly #counts = new Map<string, WatchEventCount>();

  of({ group, version, plural }: ResourceType): WatchEventCount {
    const key = `${group}/${version}/${plural}`;
    const known = this.#counts.get(key) ?? { labels: { group, version, resource: plural }, value: 0 };
    this.#counts.set(key, known);
    return known;
  }

  write(out: Exposition): void {
    out.counter('apiserver_watch_events_total', 'Events sent to watchers, by group, version and resource.', [...this.#counts.values()]);
  }
}
