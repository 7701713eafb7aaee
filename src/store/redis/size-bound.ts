/** How much of the bound may be written before it is looked at again: looking walks over the whole stream. */
const CHECKED_EVERY = 1 / 8;

/**
 * Calls `trim` whenever enough was written that the stream may have outgrown its bound: a burst of large objects cannot wait
 * for the next compaction. Counts the writes of this process only, so with n of them the stream may be larger by n/8 for a moment.
 */
export class SizeBound {
  readonly #checkEveryBytes: number;
  readonly #trim: () => Promise<unknown>;
  #written = 0;
  #isTrimming = false;

  constructor(maxBytes: number, trim: () => Promise<unknown>) {
    this.#checkEveryBytes = maxBytes * CHECKED_EVERY;
    this.#trim = trim;
  }

  /** Never rejects: what fails is tried again after the next writes. */
  note(writes: readonly { readonly value?: string }[]): void {
    for (const { value } of writes) this.#written += value?.length ?? 0;
    if (this.#written < this.#checkEveryBytes || this.#isTrimming) return;
    this.#isTrimming = true;
    this.#written = 0;
    void this.#trim().catch(() => undefined).finally(() => (this.#isTrimming = false));
  }
}
