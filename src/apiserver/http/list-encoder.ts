import { apiVersionOf } from '#api/resource-type.ts';
import { listKind, type Item, type ListOutcome } from '../outcome.ts';

const COMMA = Buffer.from(',');
const END = Buffer.from(']}\n');
/** Shorter lists are joined in less time than it takes to compare them. */
const MIN_KEPT_ITEMS = 100;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** JSON lists of the ready bytes of items. */
export class ListEncoder {
  readonly #joined = new JoinedItems(joinJson);

  /** The head, which names the present revision, and the items. */
  encode({ resource, metadata, items }: ListOutcome): readonly Buffer[] {
    const head = JSON.stringify({ kind: listKind(resource), apiVersion: apiVersionOf(resource), metadata });
    return [Buffer.from(`${head.slice(0, -1)},"items":[`), this.#joined.join(items)];
  }
}

/**
 * Informers that start together ask for the same list: the items of the last long one are kept joined, and sent again as long as each of
 * them is the same.
 */
export class JoinedItems {
  readonly #joinAll: (items: readonly Item[]) => Buffer;
  #items: readonly Item[] = [];
  #joined: Buffer = END;

  constructor(joinAll: (items: readonly Item[]) => Buffer) {
    this.#joinAll = joinAll;
  }

  join(items: readonly Item[]): Buffer {
    if (items.length < MIN_KEPT_ITEMS) return this.#joinAll(items);
    if (items.length === this.#items.length && items.every((item, i) => item === this.#items[i])) return this.#joined;
    const joined = this.#joinAll(items);
    if (joined.length > MAX_KEPT_BYTES) return joined;
    this.#items = items;
    this.#joined = joined;
    return joined;
  }
}

function joinJson(items: readonly Item[]): Buffer {
  const parts: Buffer[] = [];
  items.forEach((item, i) => {
    if (i > 0) parts.push(COMMA);
    parts.push(item.json());
  });
  parts.push(END);
  return Buffer.concat(parts);
}
