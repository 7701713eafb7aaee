import type { ConfigMap, Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, SECRETS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { ReferencedObjects } from '../containers/env.ts';

const RETRY_MS = 500;
/** An object that nobody asked for again goes after this; restarts of a container ask within it. */
const IDLE_MS = 10 * 60_000;
/** How long a first answer may take before a container that needs it waits on its own back-off. */
const FIRST_ANSWER_MS = 10_000;

export interface ObjectWatchesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly abort: AbortController;
  readonly first: Promise<void>;
  readonly listeners: Set<() => void>;
  object: KubeObject | undefined;
  usedAt: number;
}

/**
 * Keeps watches on exactly the ConfigMaps and Secrets that pods of this node name: a node may read no others. What was
 * read stays at hand while the API is away.
 */
export class ObjectWatches implements ReferencedObjects {
  readonly #options: ObjectWatchesOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ObjectWatchesOptions) {
    this.#options = options;
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#get(CONFIG_MAPS, namespace, name);
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#get(SECRETS, namespace, name);
  }

  /** Calls `listener` after each change of the object; the returned function ends that. */
  subscribe(kind: 'ConfigMap' | 'Secret', namespace: string, name: string, listener: () => void): () => void {
    const entry = this.#entry(kind === 'Secret' ? SECRETS : CONFIG_MAPS, namespace, name);
    entry.listeners.add(listener);
    return () => {
      entry.listeners.delete(listener);
      entry.usedAt = this.#options.clock.now();
      this.#dropIdle();
    };
  }

  async #get<T extends KubeObject>(resource: ResourceType<T>, namespace: string, name: string): Promise<T | undefined> {
    const entry = this.#entry(resource, namespace, name);
    const late = new AbortController();
    await Promise.race([entry.first, this.#options.clock.sleep(FIRST_ANSWER_MS, late.signal).then(() => {
      throw new Error(`no answer yet for ${resource.singular} "${name}"`);
    }, () => {})]).finally(() => late.abort());
    return entry.object as T | undefined;
  }

  #entry(resource: ResourceType, namespace: string, name: string): Entry {
    const key = `${resource.plural}/${namespace}/${name}`;
    const known = this.#entries.get(key);
    if (known) {
      known.usedAt = this.#options.clock.now();
      return known;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const entry: Entry = { abort: new AbortController(), first: promise, listeners: new Set(), object: undefined, usedAt: this.#options.clock.now() };
    this.#entries.set(key, entry);
    void this.#follow(resource, namespace, name, entry, resolve);
    return entry;
  }

  async #follow(resource: ResourceType, namespace: string, name: string, entry: Entry, onFirst: () => void): Promise<void> {
    const { client, clock, log } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, entry.abort.signal]);
    const fieldSelector = `metadata.name=${name}`;
    while (!signal.aborted) {
      try {
        const list = await client.list(resource, { namespace, fieldSelector, signal });
        this.#set(entry, list.items[0]);
        onFirst();
        const resourceVersion = list.metadata.resourceVersion ?? '';
        for await (const event of client.watch(resource, { namespace, fieldSelector, resourceVersion, signal })) {
          if (event.type === 'BOOKMARK') continue;
          this.#set(entry, event.type === 'DELETED' ? undefined : event.object);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isStatus(error, 'Expired', 'Gone')) log.debug('watch of a referenced object failed', { resource: resource.plural, namespace, name, error });
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  }

  #set(entry: Entry, object: KubeObject | undefined): void {
    if (entry.object?.metadata.resourceVersion === object?.metadata.resourceVersion && (entry.object === undefined) === (object === undefined)) return;
    entry.object = object;
    for (const listener of entry.listeners) listener();
  }

  #dropIdle(): void {
    const oldest = this.#options.clock.now() - IDLE_MS;
    for (const [key, entry] of this.#entries) {
      if (entry.listeners.size > 0 || entry.usedAt > oldest) continue;
      entry.abort.abort();
      this.#entries.delete(key);
    }
  }
}
