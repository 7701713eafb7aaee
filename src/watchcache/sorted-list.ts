/** Blocks are split at this length: an insert moves at most so many references, a search reads few blocks. */
const BLOCK_MAX = 512;

export interface Sortable {
  readonly key: string;
}

/** Items in the order of their unique keys, with cheap insert, removal and access by rank at 100,000 items. */
export class SortedList<T extends Sortable> {
  #blocks: T[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the item, or replaces the one with its key. */
  put(item: T): void {
    const index = this.#blockFor(item.key);
    const block = this.#blocks[index];
    if (!block) {
      this.#blocks.push([item]);
      this.#size++;
      return;
    }
    const at = lowerBound(block, item.key);
    if (block[at]?.key === item.key) {
      block[at] = item;
      return;
    }
    block.splice(at, 0, item);
    this.#size++;
    if (block.length > BLOCK_MAX) this.#blocks.splice(index + 1, 0, block.splice(block.length >>> 1));
  }

  delete(key: string): void {
    const index = this.#blockFor(key);
    const block = this.#blocks[index];
    const at = block ? lowerBound(block, key) : 0;
    if (block?.[at]?.key !== key) return;
    block.splice(at, 1);
    this.#size--;
    if (block.length === 0) this.#blocks.splice(index, 1);
  }

  /** How many items are below the key. */
  rank(key: string): number {
    const index = this.#blockFor(key);
    const block = this.#blocks[index];
    let rank = block ? lowerBound(block, key) : 0;
    for (let i = 0; i < index; i++) rank += this.#blocks[i]?.length ?? 0;
    return rank;
  }

  /** Items of rank `start` to `end` (exclusive). */
  slice(start: number, end: number): T[] {
    const parts: T[][] = [];
    let before = 0;
    for (const block of this.#blocks) {
      if (before >= end) break;
      if (before + block.length > start) parts.push(block.slice(Math.max(0, start - before), end - before));
      before += block.length;
    }
    return parts.length === 1 ? (parts[0] as T[]) : parts.flat();
  }

  /** The last block that begins at or below the key; 0 when there is none. */
  #blockFor(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.[0]?.key ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function lowerBound(block: readonly Sortable[], key: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
