import { splitKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { sourceOf, type ObjectSource } from '#api/object-source.ts';
import type { Lister } from './informer.ts';

type IndexValues<T> = (object: T) => readonly string[];
type Bucket<T extends KubeObject> = Map<NamespacedName, ObjectSource<T>>;

/**
 * The objects of one informer by key, by namespace once somebody asks for one, and by declared indexes. In the process of the watch cache they are its own, decoded as long
 * as somebody looks at them.
 */
export class Indexer<T extends KubeObject> implements Lister<T> {
  readonly #objects: Bucket<T> = new Map();
  readonly #indexes = new Map<string, { readonly values: IndexValues<T>; readonly buckets: Map<string, Bucket<T>> }>();
  /** Made of the keys: most informers are never asked, and would hold thousands of small maps. */
  #namespaces: Map<string, Bucket<T>> | undefined;

  /** The first declaration of a name stands: several controllers may declare the same index. */
  addIndex(name: string, values: IndexValues<T>): void {
    if (this.#indexes.has(name)) return;
    const index = { values, buckets: new Map<string, Bucket<T>>() };
    this.#indexes.set(name, index);
    for (const [key, source] of this.#objects) for (const value of values(source.object)) bucketOf(index.buckets, value).set(key, source);
  }

  get(key: NamespacedName): T | undefined {
    return this.#objects.get(key)?.object;
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? objectsOf(this.#objects) : objectsOf(this.#byNamespace().get(namespace));
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new RangeError(`index ${index} was not declared`);
    return objectsOf(found.buckets.get(value));
  }

  keys(): IterableIterator<NamespacedName> {
    return this.#objects.keys();
  }

  /** Returns what the object replaced. */
  put(object: T): T | undefined {
    const source = sourceOf(object);
    const { key } = source;
    const old = this.remove(key);
    this.#objects.set(key, source);
    if (this.#namespaces) bucketOf(this.#namespaces, splitKey(key).namespace).set(key, source);
    for (const { values, buckets } of this.#indexes.values()) for (const value of values(object)) bucketOf(buckets, value).set(key, source);
    return old;
  }

  remove(key: NamespacedName): T | undefined {
    const old = this.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    if (this.#namespaces) dropFrom(this.#namespaces, splitKey(key).namespace, key);
    for (const { values, buckets } of this.#indexes.values()) for (const value of values(old)) dropFrom(buckets, value, key);
    return old;
  }

  #byNamespace(): Map<string, Bucket<T>> {
    if (this.#namespaces) return this.#namespaces;
    this.#namespaces = new Map();
    for (const [key, source] of this.#objects) bucketOf(this.#namespaces, splitKey(key).namespace).set(key, source);
    return this.#namespaces;
  }
}

const objectsOf = <T extends KubeObject>(bucket: Bucket<T> | undefined): readonly T[] => (bucket ? Array.from(bucket.values(), ({ object }) => object) : []);

function bucketOf<T extends KubeObject>(buckets: Map<string, Bucket<T>>, value: string): Bucket<T> {
  const present = buckets.get(value);
  if (present) return present;
  const bucket: Bucket<T> = new Map();
  buckets.set(value, bucket);
  return bucket;
}

function dropFrom<T extends KubeObject>(buckets: Map<string, Bucket<T>>, value: string, key: NamespacedName): void {
  const bucket = buckets.get(value);
  bucket?.delete(key);
  if (bucket?.size === 0) buckets.delete(value);
}
