import type { ResourceType } from '#api/resource-type.ts';
import type { Item } from '../outcome.ts';

/** Shorter lists are joined in less time than it takes to look for them. */
const MIN_KEPT_ITEMS = 100;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Joined between two turns of the event loop: some milliseconds when each must be encoded first. */
const MAX_FRESH_ITEMS = 1_000;
/** Items of a slice, on average and at most. */
const SLICE = { mean: 256, max: 1_000 } as const;

/** The bytes of some items in a row; `isFirst` when none stands before them. */
export type JoinSlice = (items: readonly Item[], resource: ResourceType, isFirst: boolean) => Buffer;

interface Slice {
  readonly items: readonly Item[];
  readonly isFirst: boolean;
  readonly bytes: Buffer;
}

/**
 * The items of lists in one encoding, slice by slice, so that a list of any length does not stop the event loop. Informers that start together
 * ask for the same list, and others for one that differs in a few objects: the slices of the last long one are kept, and those sent again whose items are the same.
 */
export class JoinedItems {
  readonly #joinSlice: JoinSlice;
  #items: readonly Item[] = [];
  #joined: readonly Buffer[] = [];
  /** By their first items. */
  #slices: ReadonlyMap<Item, Slice> = new Map();

  constructor(joinSlice: JoinSlice) {
    this.#joinSlice = joinSlice;
  }

  /** A promise only when there is more to be joined than one turn of the event loop has time for. */
  join(items: readonly Item[], resource: ResourceType): readonly Buffer[] | Promise<readonly Buffer[]> {
    if (items.length < MIN_KEPT_ITEMS) return [this.#joinSlice(items, resource, true)];
    if (isSame(items, this.#items)) return this.#joined;
    const known = cut(items).map((slice, i) => this.#known(slice, i === 0) ?? { items: slice, isFirst: i === 0 });
    const fresh = known.reduce((sum, slice) => sum + ('bytes' in slice ? 0 : slice.items.length), 0);
    return fresh > MAX_FRESH_ITEMS ? this.#joinInTurns(items, known, resource) : this.#keep(items, known.map((slice) => this.#join(slice, resource)));
  }

  #known(items: readonly Item[], isFirst: boolean): Slice | undefined {
    const kept = this.#slices.get(items[0] as Item);
    return kept?.isFirst === isFirst && isSame(kept.items, items) ? kept : undefined;
  }

  async #joinInTurns(items: readonly Item[], known: readonly (Slice | Omit<Slice, 'bytes'>)[], resource: ResourceType): Promise<readonly Buffer[]> {
    const slices: Slice[] = [];
    let fresh = 0;
    for (const slice of known) {
      if (!('bytes' in slice) && (fresh += slice.items.length) > MAX_FRESH_ITEMS) {
        await new Promise((resolve) => setImmediate(resolve));
        fresh = slice.items.length;
      }
      slices.push(this.#join(slice, resource));
    }
    return this.#keep(items, slices);
  }

  #join(slice: Slice | Omit<Slice, 'bytes'>, resource: ResourceType): Slice {
    return 'bytes' in slice ? slice : { ...slice, bytes: this.#joinSlice(slice.items, resource, slice.isFirst) };
  }

  #keep(items: readonly Item[], slices: readonly Slice[]): readonly Buffer[] {
    const joined = slices.map(({ bytes }) => bytes);
    if (joined.reduce((sum, { length }) => sum + length, 0) > MAX_KEPT_BYTES) return joined;
    this.#items = items;
    this.#joined = joined;
    this.#slices = new Map(slices.map((slice) => [slice.items[0] as Item, slice]));
    return joined;
  }
}

/** Where a slice ends its items themselves tell: one that comes or goes changes its own slice, and moves no other's ends. */
function cut(items: readonly Item[]): readonly (readonly Item[])[] {
  const slices: (readonly Item[])[] = [];
  let start = 0;
  for (let end = 1; end <= items.length; end++) {
    if (end < items.length && end - start < SLICE.max && (items[end - 1]?.revision ?? 1) % SLICE.mean !== 0) continue;
    slices.push(items.slice(start, end));
    start = end;
  }
  return slices;
}

/** By a loop over nothing but the two lists: what looks at the items themselves, or calls for each, takes a tenth of what it takes to send them. */
function isSame(a: readonly Item[], b: readonly Item[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
