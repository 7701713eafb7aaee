import { CHOMPING_MODE, COLLECTION_STYLE, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException, type AliasEvent, type Event, type MappingEvent, type ScalarEvent, type SequenceEvent } from 'js-yaml';
import { MAX_DEPTH, plainScalar } from './yaml.ts';

/** A field of a YAML text: where it stands, what it holds, and what is below. Lines are one-based. */
export interface FieldNode {
  /** The line of the key, or on which the item begins. */
  readonly first: number;
  /** The last line of the value. */
  readonly last: number;
  /** Of scalars only, as kubectl reads it. */
  readonly scalar?: unknown;
  /** Members by name; empty for scalars and lists. */
  readonly members: ReadonlyMap<string, FieldNode>;
  readonly items: readonly FieldNode[];
}

/**
 * The fields of the first document, each with its lines, which `lineOffset` is added to. What an alias or a merge key brings stands where it is
 * anchored. Undefined for a text that is no YAML mapping or list. JSON is YAML, too.
 */
export function readFieldTree(text: string, lineOffset = 0): FieldNode | undefined {
  const [, ...events] = eventsOf(text);
  const isCollection = events[0]?.type === EVENT_ID.MAPPING || events[0]?.type === EVENT_ID.SEQUENCE;
  return isCollection ? new TreeReader(text, events, lineOffset).node() : undefined;
}

function eventsOf(text: string): readonly Event[] {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (error instanceof YAMLException) return [];
    throw error;
  }
}

const NO_MEMBERS: ReadonlyMap<string, FieldNode> = new Map();
/** What may stand before the bracket that closes a flow collection. Comments end with their lines, so that there is one way to read them. */
const CLOSING = /(?:[\s,]|#[^\n]*\n)*[\]}]/y;

type NodeEvent = SequenceEvent | MappingEvent | ScalarEvent | AliasEvent;

/** Goes along the parser's events once. */
class TreeReader {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #lineOffset: number;
  readonly #breaks: readonly number[];
  readonly #anchors = new Map<string, FieldNode>();
  #next = 0;
  /** Offset of the last character that belongs to what was read. */
  #end = 0;

  constructor(text: string, events: readonly Event[], lineOffset: number) {
    this.#text = text;
    this.#events = events;
    this.#lineOffset = lineOffset;
    this.#breaks = [...text.matchAll(/\n/g)].map(({ index }) => index);
  }

  /** `key` is the line of the key, where there is one. */
  node(key?: number): FieldNode {
    const event = this.#events[this.#next++] as NodeEvent;
    const first = key ?? this.#lineAt(this.#startOf(event));
    const content = this.#content(event);
    const node = { members: NO_MEMBERS, items: [], ...content, first, last: Math.max(first, this.#lineAt(this.#end)) };
    if (event.type !== EVENT_ID.ALIAS && event.anchorStart >= 0) this.#anchors.set(this.#slice(event.anchorStart, event.anchorEnd), node);
    return node;
  }

  #content(event: NodeEvent): Partial<FieldNode> {
    switch (event.type) {
      case EVENT_ID.SCALAR: return { scalar: this.#scalar(event) };
      case EVENT_ID.ALIAS: return this.#aliased(event);
      case EVENT_ID.SEQUENCE: return { items: this.#closed(event, () => this.#items()) };
      case EVENT_ID.MAPPING: return { members: this.#closed(event, () => this.#members()) };
    }
  }

  #scalar(event: ScalarEvent): unknown {
    const { valueStart, style } = event;
    if (valueStart < 0) return null;
    this.#end = Math.max(this.#end, this.#lastOf(event));
    const text = getScalarValue(this.#text, event);
    return style === SCALAR_STYLE.PLAIN && event.tagStart < 0 ? plainScalar(text) : text;
  }

  /** Nothing of one that holds itself. */
  #aliased({ anchorStart, anchorEnd }: AliasEvent): Partial<FieldNode> {
    this.#end = Math.max(this.#end, anchorEnd - 1);
    return this.#anchors.get(this.#slice(anchorStart, anchorEnd)) ?? {};
  }

  #closed<T>({ start, style }: SequenceEvent | MappingEvent, read: () => T): T {
    this.#end = Math.max(this.#end, start);
    const content = read();
    this.#next += 1;
    CLOSING.lastIndex = this.#end + 1;
    if (style === COLLECTION_STYLE.FLOW && CLOSING.test(this.#text)) this.#end = CLOSING.lastIndex - 1;
    return content;
  }

  #items(): readonly FieldNode[] {
    const items: FieldNode[] = [];
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) items.push(this.node());
    return items;
  }

  /** What is merged gives way to what the map says itself, and to what is merged before it. */
  #members(): ReadonlyMap<string, FieldNode> {
    const own = new Map<string, FieldNode>();
    const merged = new Map<string, FieldNode>();
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const isMerge = this.#isMergeKey(this.#events[this.#next]);
      const key = this.node();
      const value = this.node(key.first);
      if (!isMerge && 'scalar' in key) own.set(String(key.scalar), value);
      if (isMerge) for (const [name, member] of [value, ...value.items].flatMap(({ members }) => [...members])) if (!merged.has(name)) merged.set(name, member);
    }
    return new Map([...merged, ...own]);
  }

  #isMergeKey(event: Event | undefined): boolean {
    return event?.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN && this.#slice(event.valueStart, event.valueEnd) === '<<';
  }

  /** Of a value that nothing was written for, where the one before it ends. */
  #startOf(event: NodeEvent): number {
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
    if (event.type !== EVENT_ID.SCALAR) return event.start;
    if (event.valueStart < 0) return this.#end;
    // A block begins with its `|`, on the line before.
    return isBlock(event) ? this.#text.lastIndexOf('\n', event.valueStart - 1) : event.valueStart;
  }

  /** A quoted text goes to its quote, a block to its last line, empty ones at its end only when they are kept. */
  #lastOf(event: ScalarEvent): number {
    const { valueStart, valueEnd, style, chomping } = event;
    if (isBlock(event) && chomping !== CHOMPING_MODE.KEEP) return valueStart + this.#slice(valueStart, valueEnd).trimEnd().length - 1;
    return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? valueEnd : valueEnd - 1;
  }

  #slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  #lineAt(offset: number): number {
    let [low, high] = [0, this.#breaks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#breaks[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1 + this.#lineOffset;
  }
}

const isBlock = ({ style }: ScalarEvent): boolean => style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
