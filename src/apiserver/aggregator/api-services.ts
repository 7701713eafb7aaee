import { API_SERVICES } from '#api/resources.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { ApiRequest } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { infoAt, namesOnly, type RequestInfo } from '../request-info.ts';
import { followResource } from '../storage/follow-resource.ts';
import { type ApiServiceObject, type RemoteService, remoteOf } from './api-service.ts';

const SERVICES = groupResource(API_SERVICES);

/** Which group versions other servers answer. Read anew from the cache when an APIService has changed; without one a request costs a comparison. */
export class ApiServices {
  readonly #cache: WatchCache;
  readonly #listeners: (() => void)[] = [];
  #all: readonly ApiServiceObject[] = [];
  #remotes = new Map<string, RemoteService>();
  #types = new Map<string, ResourceType>();
  #stop: () => void = () => {};
  #revision = 0;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  start(clock: Clock): void {
    const onGap = (): void => this.#read();
    this.#stop = followResource({ cache: this.#cache, clock, resource: SERVICES, onEvents: onGap, onGap });
  }

  stop(): void {
    this.#stop();
  }

  /** Called whenever an APIService may have changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Grows whenever an APIService may have changed. */
  get revision(): number {
    return this.#revision;
  }

  get hasRemotes(): boolean {
    return this.#remotes.size > 0;
  }

  all(): readonly ApiServiceObject[] {
    return this.#all;
  }

  remotes(): readonly RemoteService[] {
    return [...this.#remotes.values()];
  }

  remote(group: string, version: string): RemoteService | undefined {
    return this.#remotes.get(`${group}/${version}`);
  }

  /** What a request means that another server answers, whose resources are not known here; undefined for all others. */
  resolve(method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>>): RequestInfo | undefined {
    const [, api, group = '', version = ''] = /^\/+(apis|openapi\/v3\/apis)\/+([^/]+)\/+([^/]+)/.exec(path) ?? [];
    const remote = api === undefined ? undefined : this.remote(group, version);
    if (remote === undefined) return undefined;
    return { ...infoAt(method, path, query, (plural) => this.#typeOf(group, version, plural)), remote };
  }

  /** Enough of a type to authorize by. */
  #typeOf(group: string, version: string, plural: string): ResourceType {
    const key = `${group}/${version}/${plural}`;
    const known = this.#types.get(key);
    if (known) return known;
    const made = namesOnly(group, version, plural);
    if (this.#types.size < MAX_TYPES) this.#types.set(key, made);
    return made;
  }

  #read(): void {
    this.#all = this.#cache.list(SERVICES).items.map((i) => i.object as ApiServiceObject);
    this.#remotes = new Map(this.#all.map(remoteOf).filter((r) => r !== undefined).map((r) => [`${r.group}/${r.version}`, r]));
    this.#types = new Map();
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** Clients may ask for any name. */
const MAX_TYPES = 1_000;
