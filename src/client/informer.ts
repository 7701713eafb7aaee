import type { KubeObject, NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** A local, current copy of one resource, from a list and a watch that is taken up again whenever it ends. */
export interface Informer<T extends KubeObject> {
  readonly resource: ResourceType<T>;
  readonly lister: Lister<T>;
  /** Handlers added after the start get every present object as an add. Calls are synchronous; a handler must not throw. */
  subscribe(handler: InformerHandler<T>): () => void;
  /** Resolves when the first list is in the lister and all handlers were told. */
  synced(): Promise<void>;
}

export interface InformerHandler<T extends KubeObject> {
  readonly onAdd?: (object: T) => void;
  readonly onUpdate?: (object: T, old: T) => void;
  readonly onDelete?: (last: T) => void;
}

export interface Lister<T extends KubeObject> {
  get(key: NamespacedName): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Objects by an index that {@link InformerFactory.addIndex} declared. */
  byIndex(index: string, value: string): readonly T[];
}

/** One informer a resource (and selector), shared by all who ask. */
export interface InformerFactory {
  informer<T extends KubeObject>(resource: ResourceType<T>, options?: { readonly namespace?: string; readonly fieldSelector?: string; readonly labelSelector?: string }): Informer<T>;
  /** Adds an index before the start: `values` gives the index values of an object. */
  addIndex<T extends KubeObject>(informer: Informer<T>, name: string, values: (object: T) => readonly string[]): void;
  start(signal: AbortSignal): void;
  synced(): Promise<void>;
}
