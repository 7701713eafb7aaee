import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair, type Scalar } from 'yaml';

/** A field of a YAML text: where it stands, what it holds, and what is below. Lines are one-based. */
export interface FieldNode {
  /** The line of the key, or of the item's dash. */
  readonly first: number;
  /** The last line of the value. */
  readonly last: number;
  /** Of scalars only. */
  readonly scalar?: unknown;
  /** Members by name; empty for scalars and lists. */
  readonly members: ReadonlyMap<string, FieldNode>;
  readonly items: readonly FieldNode[];
}

const NO_MEMBERS: ReadonlyMap<string, FieldNode> = new Map();

/**
 * The fields of one document, each with its lines, which `lineOffset` is added to. What an alias or a merge key brings stands where it is
 * anchored. Undefined for a text that is no YAML mapping or list.
 */
export function readFieldTree(text: string, lineOffset = 0): FieldNode | undefined {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, version: '1.1', strict: false, uniqueKeys: false, logLevel: 'silent', keepSourceTokens: false });
  const root = document.contents as Node | null;
  if (document.errors.length > 0 || !root) return undefined;
  return new TreeReader(document, (offset) => counter.linePos(offset).line + lineOffset).node(root, root.range?.[0] ?? 0);
}

/** Deep enough for every manifest; aliases that hold themselves end here. */
const MAX_DEPTH = 100;

class TreeReader {
  readonly #document: Document;
  readonly #lineAt: (offset: number) => number;
  #depth = 0;

  constructor(document: Document, lineAt: (offset: number) => number) {
    this.#document = document;
    this.#lineAt = lineAt;
  }

  /** `start` is where the key stands, or the item. */
  node(value: unknown, start: number): FieldNode {
    const target = isAlias(value) ? value.resolve(this.#document as never) : value;
    const range = (value as Node | null)?.range;
    const first = this.#lineAt(start);
    const base = { first, last: Math.max(first, range ? this.#lineAt(lastOffset(range)) : first), members: NO_MEMBERS, items: [] };
    if (isScalar(target)) return { ...base, scalar: target.value };
    if (this.#depth >= MAX_DEPTH) return base;
    this.#depth += 1;
    try {
      if (isSeq(target)) return { ...base, items: target.items.map((item) => this.node(item, (item as Node | null)?.range?.[0] ?? start)) };
      if (!isMap(target)) return base;
      // What is merged gives way to what the map says itself, wherever it stands.
      return { ...base, members: new Map([...target.items.filter(isMerge), ...target.items.filter((pair) => !isMerge(pair))].flatMap((pair) => this.#members(pair))) };
    } finally {
      this.#depth -= 1;
    }
  }

  #members(pair: Pair): readonly (readonly [string, FieldNode])[] {
    const { key, value } = pair;
    if (!isScalar(key)) return [];
    const at = (key as Scalar).range?.[0] ?? 0;
    if (!isMerge(pair)) return [[String(key.value), this.node(value ?? null, at)]];
    const merged = isSeq(value) ? value.items : [value];
    return merged.flatMap((source) => [...this.node(source, at).members]);
  }
}

/** The parser has a symbol for it. */
const isMerge = ({ key }: Pair): boolean => isScalar(key) && (key.value === '<<' || (typeof key.value === 'symbol' && key.value.description === '<<'));

/** A range's value ends before the offset that follows it, which for a block may be the start of the next line. */
const lastOffset = ([start, end]: readonly [number, number, number]): number => Math.max(start, end - 1);
