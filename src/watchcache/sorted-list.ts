/** Blocks are split at this length: an insert moves at most so many references, a search reads few blocks. */
const BLOCK_MAX = 512;

export interface Sortable {
  readonly sortKey: string;
}

/** Items in the order of their unique sort keys, with cheap insert, removal and access by rank at 100,000 items. */
export class SortedList<T extends Sortable> {
  #blocks: T[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the item, or replaces the one with its key. */
  put(item: T): void {
    const index = this.#blockFor(item.sortKey);
    const block = this.#blocks[index];
    if (!block) {
      this.#blocks.push([item]);
      this.#size++;
      return;
    }
    const at = lowerBound(block, item.sortKey);
    if (block[at]?.sortKey === item.sortKey) {
      block[at] = item;
      return;
    }
    block.splice(at, 0, item);
    this.#size++;
    if (block.length > BLOCK_MAX) this.#blocks.splice(index + 1, 0, block.splice(block.length >>> 1));
  }

  delete(sortKey: string): void {
    const index = this.#blockFor(sortKey);
    const block = this.#blocks[index];
    const at = block ? lowerBound(block, sortKey) : 0;
    if (block?.[at]?.sortKey !== sortKey) return;
    block.splice(at, 1);
    this.#size--;
    if (block.length === 0) this.#blocks.splice(index, 1);
  }

  /** How many items are below the key. */
  rank(sortKey: string): number {
    const index = this.#blockFor(sortKey);
    const block = this.#blocks[index];
    let rank = block ? lowerBound(block, sortKey) : 0;
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
  #blockFor(sortKey: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.[0]?.sortKey ?? '') <= sortKey) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function lowerBound(block: readonly Sortable[], sortKey: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle]?.sortKey ?? '') < sortKey) low = middle + 1;
    else high = middle;
  }
  return low;
}
