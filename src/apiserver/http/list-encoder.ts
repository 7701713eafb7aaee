import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { listKind, type Item, type ListOutcome } from '../outcome.ts';

const COMMA = Buffer.from(',');
const OPEN = Buffer.from('{');
const COMMA_OPEN = Buffer.from(',{');
const NOTHING = Buffer.alloc(0);
const END = Buffer.from(']}\n');
/** Shorter lists are joined in less time than it takes to compare them. */
const MIN_KEPT_ITEMS = 100;
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** JSON lists of the ready bytes of items. */
export class ListEncoder {
  readonly #joined = new JoinedItems();

  /** The head, which names the present revision, and the items. */
  encode({ resource, metadata, items }: ListOutcome): readonly Buffer[] {
    const head = JSON.stringify({ kind: listKind(resource), apiVersion: apiVersionOf(resource), metadata });
    const joinAll = resource.custom === undefined ? (all: readonly Item[]) => joinUntyped(resource, all) : joinTyped;
    return [Buffer.from(`${head.slice(0, -1)},"items":[`), this.#joined.join(items, joinAll)];
  }
}

/**
 * Informers that start together ask for the same list: the items of the last long one are kept joined, and sent again as long as each of
 * them is the same.
 */
export class JoinedItems {
  #items: readonly Item[] = [];
  #joined: Buffer = END;

  /** All items of one joiner and one resource. */
  join(items: readonly Item[], joinAll: (items: readonly Item[]) => Buffer): Buffer {
    if (items.length < MIN_KEPT_ITEMS) return joinAll(items);
    if (items.length === this.#items.length && items.every((item, i) => item === this.#items[i])) return this.#joined;
    const joined = joinAll(items);
    if (joined.length > MAX_KEPT_BYTES) return joined;
    this.#items = items;
    this.#joined = joined;
    return joined;
  }
}

function joinTyped(items: readonly Item[]): Buffer {
  const parts: Buffer[] = [];
  for (const item of items) parts.push(parts.length === 0 ? NOTHING : COMMA, item.json());
  return Buffer.concat([...parts, END]);
}

/** Kubernetes leaves `kind` and `apiVersion` out of the items of its own kinds; ours are encoded with these two in front. */
function joinUntyped(resource: ResourceType, items: readonly Item[]): Buffer {
  const [kind, apiVersion] = [`"kind":${JSON.stringify(resource.kind)}`, `"apiVersion":${JSON.stringify(apiVersionOf(resource))}`];
  const prefixes = [`{${kind},${apiVersion},`, `{${apiVersion},${kind},`].map((text) => Buffer.from(text));
  const parts: Buffer[] = [];
  for (const item of items) {
    const json = item.json();
    const prefix = prefixes.find((candidate) => candidate.compare(json, 0, candidate.length) === 0);
    const isFirst = parts.length === 0;
    if (prefix) parts.push(isFirst ? OPEN : COMMA_OPEN, json.subarray(prefix.length));
    else parts.push(isFirst ? NOTHING : COMMA, json);
  }
  return Buffer.concat([...parts, END]);
}
