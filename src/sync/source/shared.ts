interface Entry<T> {
  readonly value: T;
  users: number;
}

/** What several want at once under one id: made for the first of them, closed after the last. */
export class Shared<T extends { close(): void }> {
  readonly #onIdle: (id: string) => void;
  readonly #entries = new Map<string, Entry<T>>();

  /** `onIdle` is told of an id that nobody wants any more. */
  constructor(onIdle: (id: string) => void) {
    this.#onIdle = onIdle;
  }

  /** Until `release` is called. */
  acquire(id: string, make: () => T): { readonly value: T; release(): void } {
    const entry = this.#entries.get(id) ?? { value: make(), users: 0 };
    this.#entries.set(id, entry);
    entry.users += 1;
    return {
      value: entry.value,
      release: () => {
        entry.users -= 1;
        if (entry.users > 0) return;
        this.#entries.delete(id);
        entry.value.close();
        this.#onIdle(id);
      },
    };
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }
}
