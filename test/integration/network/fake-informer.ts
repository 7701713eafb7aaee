import { keyOf, type KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Informer, InformerHandler } from '#client/informer.ts';

/** An informer that a test feeds by hand. */
export class FakeInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: ResourceType<T>;
  readonly #objects = new Map<string, T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly lister = {
    get: (key: string) => this.#objects.get(key),
    list: () => [...this.#objects.values()],
    byIndex: () => [],
  };

  constructor(resource: ResourceType<T>) {
    this.resource = resource;
  }

  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#objects.values()) handler.onAdd?.(object);
    return () => this.#handlers.delete(handler);
  }

  synced(): Promise<void> {
    return Promise.resolve();
  }

  set(object: T): void {
    const old = this.#objects.get(keyOf(object));
    this.#objects.set(keyOf(object), object);
    for (const handler of this.#handlers) {
      if (old) handler.onUpdate?.(object, old);
      else handler.onAdd?.(object);
    }
  }

  remove(key: string): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    for (const handler of this.#handlers) handler.onDelete?.(old);
  }
}
