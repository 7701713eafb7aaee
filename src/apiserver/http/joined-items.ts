import { inSlices } from '#base/in-slices.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Item } from '../outcome.ts';

/** Shorter lists are joined in less time than it takes to compare them. */
const MIN_KEPT_ITEMS = 100;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Joined between two turns of the event loop: some milliseconds when each item must be encoded first. */
const SLICE = 1_000;

/** The bytes of some items in a row; `isFirst` when none stands before them. */
export type JoinSlice = (items: readonly Item[], resource: ResourceType, isFirst: boolean) => Buffer;

/**
 * The items of lists in one encoding, slice by slice, so that a list of any length does not stop the event loop. Informers that start together
 * ask for the same list: the items of the last long one are kept joined, and sent again as long as each of them is the same.
 */
export class JoinedItems {
  readonly #joinSlice: JoinSlice;
  #items: readonly Item[] = [];
  #joined: readonly Buffer[] = [];

  constructor(joinSlice: JoinSlice) {
    this.#joinSlice = joinSlice;
  }

  /** A promise only for more than one slice that are not joined yet. */
  join(items: readonly Item[], resource: ResourceType): readonly Buffer[] | Promise<readonly Buffer[]> {
    if (items.length < MIN_KEPT_ITEMS) return [this.#joinSlice(items, resource, true)];
    if (items.length === this.#items.length && items.every((item, i) => item === this.#items[i])) return this.#joined;
    return items.length > SLICE ? this.#joinSlices(items, resource) : this.#keep(items, [this.#joinSlice(items, resource, true)]);
  }

  async #joinSlices(items: readonly Item[], resource: ResourceType): Promise<readonly Buffer[]> {
    const slices: Buffer[] = [];
    await inSlices(items, SLICE, (slice, start) => void slices.push(this.#joinSlice(slice, resource, start === 0)));
    return this.#keep(items, slices);
  }

  #keep(items: readonly Item[], joined: readonly Buffer[]): readonly Buffer[] {
    if (joined.reduce((sum, { length }) => sum + length, 0) > MAX_KEPT_BYTES) return joined;
    this.#items = items;
    this.#joined = joined;
    return joined;
  }
}
