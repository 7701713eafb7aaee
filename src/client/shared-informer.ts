import { keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Indexer } from './indexer.ts';
import type { Informer, InformerHandler } from './informer.ts';

/** The informer's state: what the reflector brings goes into the indexer and is then told to the handlers. */
export class SharedInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: ResourceType<T>;
  readonly lister: Indexer<T>;
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #synced = Promise.withResolvers<void>();

  constructor(resource: ResourceType<T>, indexer: Indexer<T>) {
    this.resource = resource;
    this.lister = indexer;
  }

  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const key of this.lister.keys()) handler.onAdd?.(this.lister.get(key) as T);
    return () => this.#handlers.delete(handler);
  }

  synced(): Promise<void> {
    return this.#synced.promise;
  }

  /** All that a whole list has was put: what is not in it was deleted while nobody watched. */
  listed(present: ReadonlySet<NamespacedName>): void {
    for (const key of this.lister.keys()) if (!present.has(key)) this.#forget(key);
    this.#synced.resolve();
  }

  put(object: T): void {
    const old = this.lister.get(keyOf(object));
    if (old?.metadata.resourceVersion !== undefined && old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.lister.put(object);
    if (old && old.metadata.uid !== object.metadata.uid) this.#tell((h) => h.onDelete?.(old));
    const isUpdate = old !== undefined && old.metadata.uid === object.metadata.uid;
    this.#tell((h) => (isUpdate ? h.onUpdate?.(object, old) : h.onAdd?.(object)));
  }

  delete(last: T): void {
    if (this.lister.remove(keyOf(last))) this.#tell((h) => h.onDelete?.(last));
  }

  #forget(key: string): void {
    const last = this.lister.remove(key);
    if (last) this.#tell((h) => h.onDelete?.(last));
  }

  #tell(call: (handler: InformerHandler<T>) => void): void {
    for (const handler of this.#handlers) call(handler);
  }
}
