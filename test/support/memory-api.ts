import type { KubeObject } from '#api/object.ts';
import { mergePatch } from '#api/patch/merge.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { alreadyExists, notFound } from '#api/status-error.ts';
import type { WatchEvent } from '#api/transport.ts';
import type { Client, ListCallOptions, Target } from '#client/client.ts';

type Listener = (event: WatchEvent, plural: string) => void;

/** The smallest API that a node agent can live on: objects in memory, graceful deletion of pods, watches, merge patches. */
export class MemoryApi implements Client {
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<Listener>();
  readonly #aborts = new Set<AbortController>();
  readonly requests: { readonly verb: string; readonly plural: string; readonly name: string }[] = [];
  #version = 1;
  /** While true every call fails, as when the API is away. */
  isAway = false;

  goAway(): void {
    this.isAway = true;
    for (const abort of this.#aborts) abort.abort(new Error('connection lost'));
  }

  /** Forgets everything, as a store whose data was deleted. */
  clear(): void {
    this.#objects.clear();
  }

  objects<T extends KubeObject>(resource: ResourceType<T>): readonly T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${resource.plural}/`)).map(([, object]) => object as T);
  }

  async get<T extends KubeObject>(resource: ResourceType<T>, target: Target): Promise<T> {
    this.#called('get', resource, target.name);
    return this.#find(resource, target);
  }

  async list<T extends KubeObject>(resource: ResourceType<T>, options: ListCallOptions = {}) {
    this.#called('list', resource, '');
    const items = this.objects(resource).filter((o) => matches(o, options));
    return { apiVersion: apiVersionOf(resource), kind: `${resource.kind}List`, metadata: { resourceVersion: String(this.#version) }, items };
  }

  async *watch<T extends KubeObject>(resource: ResourceType<T>, options: ListCallOptions): AsyncIterable<WatchEvent<T>> {
    this.#called('watch', resource, '');
    const from = Number(options.resourceVersion ?? '0');
    const queue: WatchEvent[] = options.sendInitialEvents || from < this.#version
      ? this.objects(resource).filter((o) => matches(o, options) && Number(o.metadata.resourceVersion) > from).map((object) => ({ type: 'ADDED', object }))
      : [];
    if (options.sendInitialEvents) {
      const metadata = { resourceVersion: String(this.#version), annotations: { 'k8s.io/initial-events-end': 'true' } };
      queue.push({ type: 'BOOKMARK', object: { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata } as never });
    }
    let wake = (): void => {};
    const listener: Listener = (event, plural) => {
      if (plural !== resource.plural || !matches(event.object, options)) return;
      queue.push(event);
      wake();
    };
    const broken = new AbortController();
    this.#aborts.add(broken);
    this.#listeners.add(listener);
    const signal = options.signal ? AbortSignal.any([options.signal, broken.signal]) : broken.signal;
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event) yield event as WatchEvent<T>;
        else await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted) resolve();
        });
      }
      if (broken.signal.aborted) throw broken.signal.reason;
    } finally {
      this.#listeners.delete(listener);
      this.#aborts.delete(broken);
    }
  }

  async create<T extends KubeObject>(resource: ResourceType<T>, object: unknown): Promise<T> {
    const given = object as T;
    this.#called('create', resource, given.metadata.name);
    const key = keyOf(resource, given.metadata);
    if (this.#objects.has(key)) throw alreadyExists(resource, given.metadata.name);
    return this.#store('ADDED', resource, { ...given, metadata: { uid: crypto.randomUUID(), creationTimestamp: new Date().toISOString(), generation: 1, ...given.metadata } });
  }

  async update<T extends KubeObject>(resource: ResourceType<T>, object: T): Promise<T> {
    this.#called('update', resource, object.metadata.name);
    return this.#store('MODIFIED', resource, object);
  }

  async patch<T extends KubeObject>(resource: ResourceType<T>, target: Target, patch: { readonly type: string; readonly body: object }): Promise<T> {
    this.#called('patch', resource, target.name);
    if (patch.type !== 'merge') throw new Error(`no ${patch.type} patches here`);
    return this.#store('MODIFIED', resource, mergePatch(this.#find(resource, target), patch.body) as T);
  }

  apply(): Promise<never> {
    throw new Error('no server-side apply here');
  }

  async delete(resource: ResourceType, target: Target, options: { readonly gracePeriodSeconds?: number | undefined } = {}): Promise<KubeObject> {
    this.#called('delete', resource, target.name);
    const object = this.#find(resource, target) as KubeObject & { readonly spec?: { readonly terminationGracePeriodSeconds?: number } };
    const grace = options.gracePeriodSeconds ?? object.spec?.terminationGracePeriodSeconds ?? 30;
    if (resource.plural === 'pods' && grace > 0) {
      const metadata = { ...object.metadata, deletionTimestamp: new Date(Date.now() + grace * 1000).toISOString(), deletionGracePeriodSeconds: grace };
      return this.#store('MODIFIED', resource, { ...object, metadata });
    }
    this.#objects.delete(keyOf(resource, target));
    this.#tell({ type: 'DELETED', object: { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } } }, resource.plural);
    return object;
  }

  async createSubresource<R>(resource: ResourceType, target: Target, subresource: string): Promise<R> {
    this.#called('create', resource, `${target.name}/${subresource}`);
    return { status: { token: `token-of-${target.name}`, expirationTimestamp: new Date(Date.now() + 3600_000).toISOString() } } as R;
  }

  as(): Client {
    return this;
  }

  raw(): Promise<unknown> {
    throw new Error('nothing raw here');
  }

  #called(verb: string, resource: ResourceType, name: string): void {
    if (this.isAway) throw new Error('connection refused');
    this.requests.push({ verb, plural: resource.plural, name });
  }

  #find<T extends KubeObject>(resource: ResourceType<T>, target: Target): T {
    const object = this.#objects.get(keyOf(resource, target));
    if (!object) throw notFound(resource, target.name);
    return object as T;
  }

  #store<T extends KubeObject>(type: 'ADDED' | 'MODIFIED', resource: ResourceType<T>, object: T): T {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#objects.set(keyOf(resource, stored.metadata), stored);
    this.#tell({ type, object: stored }, resource.plural);
    return stored;
  }

  #tell(event: WatchEvent, plural: string): void {
    for (const listener of this.#listeners) listener(event, plural);
  }
}

const keyOf = (resource: ResourceType, target: { readonly namespace?: string | undefined; readonly name: string }): string => `${resource.plural}/${resource.namespaced ? target.namespace : ''}/${target.name}`;

function matches(object: KubeObject, { namespace, fieldSelector }: ListCallOptions): boolean {
  if (namespace && object.metadata.namespace !== namespace) return false;
  const [path = '', value] = (fieldSelector ?? '').split('=');
  return path === '' || path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object) === value;
}
