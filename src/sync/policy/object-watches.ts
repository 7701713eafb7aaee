import { joinKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Informer } from '#client/informer.ts';

/** One object, seen as somebody. */
export interface WatchedObject {
  readonly client: Client;
  /** The name of whom the client acts as; tells views of one object apart. */
  readonly user: string;
  readonly resource: ResourceType;
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface Watch {
  readonly informer: Informer<KubeObject>;
  readonly abort: AbortController;
  readonly waiting: Set<NamespacedName>;
  isSynced: boolean;
}

/** Watches on single objects, each for as long as somebody waits for it. */
export class ObjectWatches {
  readonly #options: { readonly clock: Clock; readonly log: Logger; readonly wake: (key: NamespacedName) => void };
  readonly #watches = new Map<string, Watch>();

  constructor(options: { readonly clock: Clock; readonly log: Logger; readonly wake: (key: NamespacedName) => void }) {
    this.#options = options;
  }

  /** The object as it is now, read once; from then on each change of it wakes `waiter` until it is released. @throws StatusError as `client.get` does, and then nothing is watched */
  async look(waiter: NamespacedName, object: WatchedObject, signal: AbortSignal): Promise<KubeObject> {
    const id = idOf(object);
    const known = this.#watches.get(id);
    if (known?.isSynced) {
      known.waiting.add(waiter);
      const found = known.informer.lister.get(joinKey(object.namespace, object.name));
      if (found) return found;
    }
    const watch = (): void => void (this.#watches.get(id) ?? this.#start(id, object)).waiting.add(waiter);
    try {
      const found = await object.client.get(object.resource, { namespace: object.namespace, name: object.name }, { signal });
      watch();
      return found;
    } catch (error) {
      // What is missing may come; what may not be read cannot be watched either.
      if (isStatus(error, 'NotFound')) watch();
      throw error;
    }
  }

  release(waiter: NamespacedName): void {
    for (const [id, { waiting, abort }] of this.#watches) {
      if (!waiting.delete(waiter) || waiting.size > 0) continue;
      abort.abort(new Error('nobody waits for the object any more'));
      this.#watches.delete(id);
    }
  }

  stop(): void {
    for (const { abort } of this.#watches.values()) abort.abort(new Error('stopped'));
    this.#watches.clear();
  }

  #start(id: string, { client, resource, namespace, name }: WatchedObject): Watch {
    const factory = createInformerFactory({ client, clock: this.#options.clock, log: this.#options.log });
    const informer = factory.informer(resource, { fieldSelector: `metadata.name=${name}`, ...(namespace ? { namespace } : {}) });
    const watch: Watch = { informer, abort: new AbortController(), waiting: new Set(), isSynced: false };
    const wake = (): void => { for (const waiter of watch.waiting) this.#options.wake(waiter); };
    informer.subscribe({ onAdd: wake, onUpdate: wake, onDelete: wake });
    void informer.synced().then(() => {
      watch.isSynced = true;
      wake();
    });
    factory.start(watch.abort.signal);
    this.#watches.set(id, watch);
    return watch;
  }
}

const idOf = ({ user, resource, namespace, name }: WatchedObject): string => JSON.stringify([user, groupResource(resource), resource.version, namespace, name]);
