import type { Binding, Node, Pod, PodStatus } from '#api/generated/core/v1.ts';
import { keyOf, joinKey, type KubeObject } from '#api/object.ts';
import { NODES, PODS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict, notFound } from '#api/status-error.ts';
import { silentLogger } from '#base/logger.ts';
import type { Client, Target } from '#client/client.ts';
import type { Informer, InformerFactory, InformerHandler } from '#client/informer.ts';
import type { QueueFactory, QueueJob, QueueResult, WorkQueue } from '#queue/work-queue.ts';
import { createScheduler } from '#scheduler/scheduler.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { seededRandom } from './builders.ts';

/** An informer that the test feeds. */
class FedInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: ResourceType<T>;
  readonly objects = new Map<string, T>();
  readonly lister = {
    get: (key: string): T | undefined => this.objects.get(key),
    list: (namespace?: string): readonly T[] => [...this.objects.values()].filter((o) => namespace === undefined || o.metadata.namespace === namespace),
    byIndex: (): readonly T[] => [],
  };
  readonly #handlers: InformerHandler<T>[] = [];

  constructor(resource: ResourceType<T>) {
    this.resource = resource;
  }

  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.push(handler);
    for (const object of this.objects.values()) handler.onAdd?.(object);
    return () => {};
  }

  synced(): Promise<void> {
    return Promise.resolve();
  }

  put(object: T): void {
    const old = this.objects.get(keyOf(object));
    this.objects.set(keyOf(object), object);
    for (const handler of this.#handlers) if (old) handler.onUpdate?.(object, old);
    else handler.onAdd?.(object);
  }

  delete(key: string): void {
    const last = this.objects.get(key);
    this.objects.delete(key);
    for (const handler of this.#handlers) if (last) handler.onDelete?.(last);
  }
}

/** One key at a time, and once more when it was added while it ran. */
class LocalQueue implements WorkQueue {
  readonly name = 'scheduler';
  readonly #keys = new Set<string>();
  #handler: ((job: QueueJob) => Promise<QueueResult>) | undefined;
  #isRunning = false;

  async add(key: string): Promise<void> {
    this.#keys.add(key);
    queueMicrotask(() => void this.#run());
  }

  isWaiting(key: string): boolean {
    return this.#keys.has(key);
  }

  process(handler: (job: QueueJob) => Promise<QueueResult>): void {
    this.#handler = handler;
    void this.#run();
  }

  async close(): Promise<void> {
    this.#handler = undefined;
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#handler === undefined) return;
    this.#isRunning = true;
    for (const key of this.#keys) {
      this.#keys.delete(key);
      await this.#handler({ key, failures: 0, signal: new AbortController().signal });
    }
    this.#isRunning = false;
  }
}

function localQueues(): QueueFactory {
  const queue = new LocalQueue();
  return { create: () => queue, close: async () => {} };
}

/** A scheduler with an API of maps: what it writes comes back through the watch at once. */
export class FakeCluster {
  readonly clock = new ManualClock(1_750_000_000_000);
  readonly events: string[] = [];
  readonly nodes = new FedInformer<Node>(NODES);
  readonly pods = new FedInformer<Pod>(PODS);
  readonly #others = new Map<string, FedInformer<KubeObject>>();
  readonly #stop = new AbortController();
  /** Bindings of these pods fail with a conflict, once. */
  readonly conflicting = new Set<string>();

  /** Resolves to what ends the scheduler and waits for it. */
  async start(queues: QueueFactory = localQueues()): Promise<() => Promise<void>> {
    const scheduler = createScheduler({
      client: this.#client(), informers: this.#informers(), queues, clock: this.clock, log: silentLogger, random: seededRandom(1),
      events: { event: (object, { reason, message }) => void this.events.push(`${object.metadata.name} ${reason}: ${message}`) },
    });
    await scheduler.start(this.#stop.signal);
    return () => scheduler.close();
  }

  stop(): void {
    this.#stop.abort();
  }

  nodeOf(name: string): string | undefined {
    return this.pods.objects.get(`default/${name}`)?.spec?.nodeName;
  }

  statusOf(name: string): PodStatus {
    return this.pods.objects.get(`default/${name}`)?.status ?? {};
  }

  #informers(): InformerFactory {
    const informer = (resource: ResourceType): Informer<KubeObject> => {
      if (resource === NODES || resource === PODS) return (resource === NODES ? this.nodes : this.pods) as unknown as Informer<KubeObject>;
      const other = this.#others.get(resource.plural) ?? new FedInformer(resource);
      this.#others.set(resource.plural, other);
      return other;
    };
    return { informer: informer as InformerFactory['informer'], addIndex: () => {}, start: () => {}, synced: async () => {} };
  }

  #client(): Client {
    const pod = ({ namespace, name }: Target): Pod => {
      const found = this.pods.objects.get(joinKey(namespace, name));
      if (found === undefined) throw notFound(PODS, name);
      return found;
    };
    const fake = {
      createSubresource: async (_resource: unknown, target: Target, _subresource: string, body: Binding) => {
        if (this.conflicting.delete(target.name)) throw conflict(PODS, target.name);
        const found = pod(target);
        this.pods.put({ ...found, spec: { ...found.spec!, nodeName: body.target.name! } });
      },
      patch: async (_resource: unknown, target: Target, patch: { readonly body: { readonly status: PodStatus } }) => {
        const found = pod(target);
        this.pods.put({ ...found, status: { ...found.status, ...patch.body.status } });
      },
      delete: async (_resource: unknown, target: Target) => {
        pod(target);
        this.pods.delete(joinKey(target.namespace, target.name));
      },
    };
    return fake as unknown as Client;
  }
}
