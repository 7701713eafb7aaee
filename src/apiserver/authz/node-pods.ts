import { joinKey } from '#api/object.ts';
import type { PodObject } from '#api/pods.ts';
import type { Clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { followResource } from '../storage/follow-resource.ts';
import { trusted } from './restored-pods.ts';

/** Which pods run on which node: what a node may read follows from them. */
export class NodePods {
  readonly #cache: WatchCache;
  readonly #byNode = new Map<string, Set<string>>();
  #stop: () => void = () => {};

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** Starts to follow pods; the cache must be ready. */
  start(clock: Clock): void {
    this.#stop = followResource({
      cache: this.#cache, clock, resource: 'pods', onGap: () => this.#readAll(),
      onEvents: (events) => {
        for (const { type, current, previous } of events) this.#move(current.object as PodObject, (previous?.object as PodObject | undefined)?.spec?.nodeName, type === 'put');
      },
    });
  }

  stop(): void {
    this.#stop();
  }

  /** As far as they may be believed, see {@link trusted}. */
  of(node: string): readonly PodObject[] {
    return [...(this.#byNode.get(node) ?? [])].flatMap((key) => {
      const slash = key.indexOf('/');
      const pod = this.#cache.get('pods', key.slice(0, slash), key.slice(slash + 1))?.object as PodObject | undefined;
      return pod?.spec?.nodeName === node ? [trusted(this.#cache, pod)] : [];
    });
  }

  #readAll(): void {
    this.#byNode.clear();
    for (const { object } of this.#cache.list('pods').items) this.#move(object as PodObject, undefined, true);
  }

  #move(pod: PodObject, before: string | undefined, isThere: boolean): void {
    const now = isThere ? pod.spec?.nodeName : undefined;
    if (now === before && isThere) return;
    const key = joinKey(pod.metadata.namespace, pod.metadata.name);
    this.#remove(before ?? pod.spec?.nodeName, key);
    if (now === undefined) return;
    const keys = this.#byNode.get(now) ?? new Set();
    this.#byNode.set(now, keys.add(key));
  }

  #remove(node: string | undefined, key: string): void {
    const keys = node === undefined ? undefined : this.#byNode.get(node);
    if (node === undefined || !keys?.delete(key)) return;
    if (keys.size === 0) this.#byNode.delete(node);
  }
}
