import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { listKind, listMetadata, type Item, type ListOutcome } from '../outcome.ts';
import { JoinedItems } from './joined-items.ts';

const OPEN = 0x7b;
const COMMA = 0x2c;
const END = Buffer.from(']}\n');

/** JSON lists of the ready bytes of items. */
export class ListEncoder {
  readonly #joined = new JoinedItems(joinJson);

  /** The head, which names the present revision, and the items. */
  encode(outcome: ListOutcome): readonly Buffer[] | Promise<readonly Buffer[]> {
    const { resource, items } = outcome;
    const head = JSON.stringify({ kind: listKind(resource), apiVersion: apiVersionOf(resource), metadata: listMetadata(outcome) });
    const start = Buffer.from(`${head.slice(0, -1)},"items":[`);
    const joined = this.#joined.join(items, resource);
    return joined instanceof Promise ? joined.then((slices) => [start, ...slices, END]) : [start, ...joined, END];
  }
}

/** One copy of the bytes of each item, from behind its brace or its type on. */
function joinJson(items: readonly Item[], resource: ResourceType, isFirst: boolean): Buffer {
  const heads = resource.custom === undefined ? headsOf(resource) : [];
  const texts = items.map((item) => textOf(item, heads));
  const joined = Buffer.allocUnsafe(texts.reduce((sum, { json, start }) => sum + 2 + json.length - start, 0));
  let at = 0;
  for (const { json, start } of texts) {
    if (at > 0 || !isFirst) joined[at++] = COMMA;
    joined[at++] = OPEN;
    at += json.copy(joined, at, start);
  }
  return joined.subarray(0, at);
}

/** How the text of every object begins that this server has encoded. */
function headsOf(resource: ResourceType): readonly Buffer[] {
  const [version, kind] = [`"apiVersion":"${apiVersionOf(resource)}"`, `"kind":"${resource.kind}"`];
  return [Buffer.from(`{${version},${kind},`), Buffer.from(`{${kind},${version},`)];
}

interface Text {
  readonly json: Buffer;
  /** Behind the opening brace, or behind the members that are left out. */
  readonly start: number;
}

/** Without heads all members are kept: only the items of typed lists go without `kind` and `apiVersion`, as in Kubernetes. */
function textOf(item: Item, heads: readonly Buffer[]): Text {
  const json = item.json();
  if (heads.length === 0) return { json, start: 1 };
  for (const head of heads) if (beginsWith(json, head)) return { json, start: head.length };
  const { kind: _k, apiVersion: _v, ...rest } = item.object;
  return { json: Buffer.from(JSON.stringify(rest)), start: 1 };
}

const beginsWith = (json: Buffer, head: Buffer): boolean => json.length > head.length && json.compare(head, 0, head.length, 0, head.length) === 0;
