import type { RenderResult } from '../renderer.ts';

export interface CachedRender {
  readonly result: RenderResult;
  /** About what it holds in memory. */
  readonly bytes: number;
}

/** 1,000 units of 64 KiB each; a unit that is larger than all of it is rendered anew each time. */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Results by the hash of their inputs; the least recently used go first. */
export class RenderCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, CachedRender>();
  #bytes = 0;

  constructor(maxBytes: number = DEFAULT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get(hash: string): RenderResult | undefined {
    const entry = this.#entries.get(hash);
    if (!entry) return undefined;
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    return entry.result;
  }

  set(hash: string, entry: CachedRender): void {
    if (this.#entries.has(hash) || entry.bytes > this.#maxBytes) return;
    this.#entries.set(hash, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
