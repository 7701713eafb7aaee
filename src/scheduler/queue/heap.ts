/** A binary heap whose entries can be found and removed by key. */
export class KeyedHeap<T> {
  readonly #keyOf: (item: T) => string;
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #index = new Map<string, number>();

  constructor(options: { readonly keyOf: (item: T) => string; readonly isBefore: (a: T, b: T) => boolean }) {
    this.#keyOf = options.keyOf;
    this.#isBefore = options.isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): T | undefined {
    const index = this.#index.get(key);
    return index === undefined ? undefined : this.#items[index];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Takes the place of the entry with the same key. */
  push(item: T): void {
    this.remove(this.#keyOf(item));
    this.#put(item, this.#items.length);
    this.#up(this.#items.length - 1);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.remove(this.#keyOf(first));
    return first;
  }

  remove(key: string): T | undefined {
    const index = this.#index.get(key);
    if (index === undefined) return undefined;
    const removed = this.#items[index];
    const last = this.#items.pop() as T;
    this.#index.delete(key);
    if (index < this.#items.length) {
      this.#put(last, index);
      this.#up(index);
      this.#down(this.#index.get(this.#keyOf(last)) as number);
    }
    return removed;
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    this.#index.set(this.#keyOf(item), index);
  }

  #up(from: number): void {
    const item = this.#items[from] as T;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(item, this.#items[parent] as T)) break;
      this.#put(this.#items[parent] as T, index);
      index = parent;
    }
    this.#put(item, index);
  }

  #down(from: number): void {
    const item = this.#items[from] as T;
    let index = from;
    for (;;) {
      const child = this.#firstChild(index);
      if (child === undefined || !this.#isBefore(this.#items[child] as T, item)) break;
      this.#put(this.#items[child] as T, index);
      index = child;
    }
    this.#put(item, index);
  }

  #firstChild(index: number): number | undefined {
    const left = 2 * index + 1;
    if (left >= this.#items.length) return undefined;
    const right = left + 1;
    return right < this.#items.length && this.#isBefore(this.#items[right] as T, this.#items[left] as T) ? right : left;
  }
}
