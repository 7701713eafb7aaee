import { keyOf, joinKey, type KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { notFound } from '#api/status-error.ts';
import { silentLogger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { Informer, InformerFactory, InformerHandler } from '#client/informer.ts';
import type { ControllerDefinition, ReconcileResult } from '#controller/reconciler.ts';
import { ManualClock } from './manual-clock.ts';

interface Write {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  /** `pods web`, `jobs/status web`. */
  readonly what: string;
  readonly body: unknown;
}

export interface RoundOptions {
  readonly controller: ControllerDefinition;
  readonly objects: readonly (readonly [ResourceType, KubeObject])[];
  readonly nowMs?: number;
  /** What to throw for a write; undefined lets it pass. */
  readonly refuse?: (write: Write) => Error | undefined;
}

type Store = Map<string, Map<string, KubeObject>>;

/** One round of a controller over objects that stay as they are: what it writes, and which events it tells. */
export class ControllerRound {
  readonly writes: Write[] = [];
  readonly events: string[] = [];
  readonly clock: ManualClock;
  /** Whether what is deleted is gone at once. */
  deletes = false;
  readonly #store: Store = new Map();
  readonly #refuse: RoundOptions['refuse'];
  readonly #handlers: InformerHandler<KubeObject>[] = [];
  readonly #indexes = new Map<string, (object: KubeObject) => readonly string[]>();
  readonly #built: ReturnType<ControllerDefinition['build']>;

  constructor({ controller, objects, nowMs = Date.parse('2026-01-01T00:10:00Z'), refuse }: RoundOptions) {
    this.clock = new ManualClock(nowMs);
    this.#refuse = refuse;
    for (const [resource, object] of objects) this.#objects(resource).set(keyOf(object), object);
    let suffix = 0;
    this.#built = controller.build({
      client: this.#client() as unknown as Client, informers: this.#informers(), clock: this.clock, log: silentLogger,
      events: { event: (object, { type, reason, message }) => void this.events.push(`${object.metadata.name} ${type} ${reason}: ${message}`) },
      randomSuffix: () => `r${suffix++}`,
    });
  }

  put(resource: ResourceType, object: KubeObject): void {
    this.#objects(resource).set(keyOf(object), object);
  }

  isDue(key: string): boolean {
    return this.#built.reconciler.isDue?.(key) ?? true;
  }

  reconcile(key: string): Promise<ReconcileResult> {
    return this.#built.reconciler.reconcile(key, { signal: new AbortController().signal, log: silentLogger });
  }

  /** `create pods web-r0`, in the order of the calls. */
  get calls(): readonly string[] {
    return this.writes.map(({ verb, what }) => `${verb} ${what}`);
  }

  bodyOf(call: string): unknown {
    return this.writes.find(({ verb, what }) => `${verb} ${what}` === call)?.body;
  }

  #objects(resource: ResourceType): Map<string, KubeObject> {
    const all = this.#store.get(groupResource(resource)) ?? new Map<string, KubeObject>();
    this.#store.set(groupResource(resource), all);
    return all;
  }

  #informers(): InformerFactory {
    const informer = (resource: ResourceType): Informer<KubeObject> => ({
      resource,
      lister: {
        get: (key) => this.#objects(resource).get(key),
        list: (namespace) => [...this.#objects(resource).values()].filter((o) => namespace === undefined || o.metadata.namespace === namespace),
        byIndex: (index, value) => [...this.#objects(resource).values()].filter((o) => this.#indexes.get(`${groupResource(resource)} ${index}`)?.(o).includes(value)),
      },
      subscribe: (handler) => {
        this.#handlers.push(handler);
        return () => {};
      },
      synced: async () => {},
    });
    return {
      informer: informer as unknown as InformerFactory['informer'], start: () => {}, synced: async () => {},
      addIndex: ({ resource }, name, values) => void this.#indexes.set(`${groupResource(resource)} ${name}`, values as (object: KubeObject) => readonly string[]),
    };
  }

  #client() {
    const find = (resource: ResourceType, { namespace, name }: { readonly namespace?: string; readonly name: string }): KubeObject => {
      const found = this.#objects(resource).get(joinKey(namespace, name));
      if (found === undefined) throw notFound(resource, name);
      return found;
    };
    const write = (verb: Write['verb'], resource: ResourceType, name: string, body: unknown, subresource?: string): void => {
      const done = { verb, what: `${resource.plural}${subresource ? `/${subresource}` : ''} ${name}`, body };
      const refused = this.#refuse?.(done);
      if (refused) throw refused;
      this.writes.push(done);
    };
    return {
      get: async (resource: ResourceType, target: { readonly name: string }) => find(resource, target),
      list: async (resource: ResourceType, { namespace }: { readonly namespace?: string } = {}) => ({ items: [...this.#objects(resource).values()].filter((o) => namespace === undefined || o.metadata.namespace === namespace) }),
      create: async (resource: ResourceType, object: KubeObject) => (write('create', resource, object.metadata.name, object), object),
      update: async (resource: ResourceType, object: KubeObject, { subresource }: { readonly subresource?: string } = {}) => (write('update', resource, object.metadata.name, object, subresource), object),
      patch: async (resource: ResourceType, target: { readonly name: string }, { body }: { readonly body: object }, { subresource }: { readonly subresource?: string } = {}) => (write('patch', resource, target.name, body, subresource), find(resource, target)),
      delete: async (resource: ResourceType, target: { readonly namespace?: string; readonly name: string }, options: object = {}) => {
        write('delete', resource, target.name, options);
        if (this.deletes) this.#objects(resource).delete(joinKey(target.namespace, target.name));
        return {};
      },
      raw: async () => ({ resources: [] }),
    };
  }
}
