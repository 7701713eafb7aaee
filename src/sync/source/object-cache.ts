export interface ObjectCacheOptions<T> {
  /** Of all values together, by `sizeOf`. */
  readonly limit: number;
  readonly sizeOf: (value: T) => number;
}

/** Git objects by id, which never changes its meaning; the least recently used go first. Reads of one id at the same time are one. */
export class ObjectCache<T> {
  readonly #options: ObjectCacheOptions<T>;
  readonly #values = new Map<string, Promise<T>>();
  readonly #sizes = new Map<string, number>();
  #size = 0;

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
  }

  /** What failed to be read is read again by the next who asks. */
  get(oid: string, read: () => Promise<T>): Promise<T> {
    const known = this.#values.get(oid);
    if (known) {
      this.#values.delete(oid);
      this.#values.set(oid, known);
      return known;
    }
    const value = read();
    this.#values.set(oid, value);
    value.then((done) => this.#count(oid, done), () => this.#values.delete(oid));
    return value;
  }

  clear(): void {
    this.#values.clear();
    this.#sizes.clear();
    this.#size = 0;
  }

  #count(oid: string, value: T): void {
    if (!this.#values.has(oid)) return;
    const size = this.#options.sizeOf(value);
    this.#sizes.set(oid, size);
    this.#size += size;
    for (const oldest of this.#values.keys()) {
      if (this.#size <= this.#options.limit) return;
      this.#values.delete(oldest);
      this.#size -= this.#sizes.get(oldest) ?? 0;
      this.#sizes.delete(oldest);
    }
  }
}
