import { keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import type { Lister } from './informer.ts';

type IndexValues<T> = (object: T) => readonly string[];
type Bucket<T> = Map<NamespacedName, T>;

/** The objects of one informer by key, by namespace and by declared indexes. */
export class Indexer<T extends KubeObject> implements Lister<T> {
  readonly #objects: Bucket<T> = new Map();
  readonly #indexes = new Map<string, { readonly values: IndexValues<T>; readonly buckets: Map<string, Bucket<T>> }>();

  constructor() {
    this.addIndex('namespace', (object) => [object.metadata.namespace ?? '']);
    this.addIndex('owner', (object) => (object.metadata.ownerReferences ?? []).filter((o) => o.controller).map((o) => o.uid));
  }

  /** The first declaration of a name stands: several controllers may declare the same index. */
  addIndex(name: string, values: IndexValues<T>): void {
    if (this.#indexes.has(name)) return;
    const index = { values, buckets: new Map<string, Bucket<T>>() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) for (const value of values(object)) bucketOf(index.buckets, value).set(key, object);
  }

  get(key: NamespacedName): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex('namespace', namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new RangeError(`index ${index} was not declared`);
    return [...(found.buckets.get(value)?.values() ?? [])];
  }

  keys(): IterableIterator<NamespacedName> {
    return this.#objects.keys();
  }

  /** Returns what the object replaced. */
  put(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.remove(key);
    this.#objects.set(key, object);
    for (const { values, buckets } of this.#indexes.values()) for (const value of values(object)) bucketOf(buckets, value).set(key, object);
    return old;
  }

  remove(key: NamespacedName): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    for (const { values, buckets } of this.#indexes.values()) for (const value of values(old)) dropFrom(buckets, value, key);
    return old;
  }
}

function bucketOf<T>(buckets: Map<string, Bucket<T>>, value: string): Bucket<T> {
  const present = buckets.get(value);
  if (present) return present;
  const bucket: Bucket<T> = new Map();
  buckets.set(value, bucket);
  return bucket;
}

function dropFrom<T>(buckets: Map<string, Bucket<T>>, value: string, key: NamespacedName): void {
  const bucket = buckets.get(value);
  bucket?.delete(key);
  if (bucket?.size === 0) buckets.delete(value);
}
