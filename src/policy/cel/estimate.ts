import type { CallNode, FoldNode, Node } from './ast.ts';
import type { Checked } from './checker.ts';
import { AUTHORIZER_CHECK_COST, LIST_COST, MAP_COST, REGEX_FACTOR, SELECT_COST, sizeOf, STRING_FACTOR, STRUCT_COST } from './cost.ts';
import type { Overload } from './declarations.ts';
import { elementOf, type Type } from './types.ts';

/** At least and at most; what has no bound is capped at the largest number that Kubernetes counts with. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

interface Estimate {
  readonly cost: Range;
  /** Of the result, when the types do not tell it. */
  readonly size?: Range | undefined;
}

/** Characters of the longest pattern of a format. */
const MAX_FORMAT_PATTERN = 128;
const UNBOUNDED = 2 ** 64;
/** The text of a number, a bool, a time or a duration. */
const NUMBER_TEXT: Range = { min: 1, max: 40 };
const ONE: Range = { min: 1, max: 1 };
const NONE: Range = { min: 0, max: 0 };
const exactly = (cost: number): Range => ({ min: cost, max: cost });
const cap = (value: number): number => Math.min(value, UNBOUNDED);
const plus = (...ranges: readonly Range[]): Range => ({ min: cap(ranges.reduce((sum, r) => sum + r.min, 0)), max: cap(ranges.reduce((sum, r) => sum + r.max, 0)) });
const times = (a: Range, b: Range): Range => ({ min: cap(a.min * b.min), max: cap(a.max * b.max) });
const factor = (a: Range, by: number): Range => ({ min: cap(Math.ceil(a.min * by)), max: cap(Math.ceil(a.max * by)) });
const either = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
const smaller = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.min(a.max, b.max) });

const SIZED = new Set(['string', 'bytes', 'list', 'map', 'dyn', 'any', 'param', 'object']);

/** What an expression costs at least and at most, by the limits that the types of its variables carry. */
export const estimateCost = (checked: Checked): Range => new Estimator(checked).estimate(checked.node).cost;

/** What a call costs and how large its result is, from the sizes of its arguments; the receiver is the first. */
type CallEstimate = (sizes: readonly Range[], node: CallNode, types: readonly Type[], overloads: readonly Overload[]) => Estimate;

const walk = (by: number): CallEstimate => ([text = NONE]) => ({ cost: factor(text, by * STRING_FACTOR), size: text });
const second: CallEstimate = ([, part = NONE]) => ({ cost: factor(part, STRING_FACTOR) });
const compare: CallEstimate = ([a = ONE, b = ONE]) => ({ cost: factor(smaller(a, b), STRING_FACTOR) });
const regexCost = ([text = NONE, pattern = NONE]: readonly Range[]): Range => times(factor(plus(text, ONE), STRING_FACTOR), factor(pattern, REGEX_FACTOR));
const regexList: CallEstimate = (sizes) => ({ cost: regexCost(sizes), size: { min: 0, max: sizes[0]?.max ?? 0 } });
const sets: CallEstimate = ([a = NONE, b = NONE]) => ({ cost: plus(ONE, times(a, b)) });
const nominal: CallEstimate = () => ({ cost: ONE });

const listWalk: CallEstimate = ([items = NONE], _node, [type]) => {
  if (type?.kind !== 'list') return { cost: factor(items, STRING_FACTOR) };
  const element = elementOf(type);
  const isText = element.kind === 'string' || element.kind === 'bytes';
  return { cost: times(items, isText ? plus(ONE, factor(sizeOfType(element), STRING_FACTOR)) : ONE) };
};

const join: CallEstimate = ([items = NONE, separator], _node, [type]) => {
  const parts = times(items, type?.kind === 'list' ? sizeOfType(elementOf(type)) : ONE);
  const gaps = separator ? times(separator, { min: Math.max(0, items.min - 1), max: Math.max(0, items.max - 1) }) : NONE;
  const size = plus(parts, gaps);
  return { cost: factor(size, STRING_FACTOR), size };
};

const replace: CallEstimate = ([text = NONE, old = NONE, by = NONE]) => {
  const count = old.min === 0 ? text.max + 1 : Math.ceil(text.max / old.min);
  const size = { min: 0, max: old.min > 0 && by.max <= old.min ? text.max : cap((old.min === 0 ? text.max : 0) + count * by.max) };
  return { cost: factor(text, 2 * STRING_FACTOR), size };
};

/** Whether the call may be about texts, as far as the types tell. */
const isAboutTexts = (overloads: readonly Overload[]): boolean => overloads.some(({ params: [first] }) => first?.kind === 'string' || first?.kind === 'bytes');

const add: CallEstimate = ([a = NONE, b = NONE], _node, [type], overloads) => {
  const size = plus(a, b);
  return isAboutTexts(overloads) ? { cost: factor(size, STRING_FACTOR), size } : { cost: ONE, ...(type?.kind === 'list' ? { size } : {}) };
};

const order: CallEstimate = (sizes, node, types, overloads) => (isAboutTexts(overloads) ? compare(sizes, node, types, overloads) : { cost: ONE });

const contains: CallEstimate = ([text = NONE, part = NONE]) => ({ cost: times(factor(text, STRING_FACTOR), factor(part, STRING_FACTOR)) });
const containsIp = (extra: number): CallEstimate => ([, other = NONE], _node, [, type]) =>
  ({ cost: plus({ min: 1 + extra, max: extra === 0 ? 4 : 5 + extra }, type?.kind === 'string' ? factor(other, STRING_FACTOR) : NONE) });

const newList = (cost: Range, size: Range): Estimate => ({ cost: plus(cost, exactly(LIST_COST + 1)), size });
/** The number that a call names itself; what it may be at most when it is computed. */
const numberOf = (node: Node | undefined, otherwise: number): number => (node?.kind === 'const' && typeof node.value === 'bigint' ? Number(node.value) : otherwise);
/** Each item is compared with each. */
const selfCompare = (of: number): CallEstimate => (sizes, _node, types) => {
  const [items = NONE, type] = [sizes[of], types[of]];
  const isText = type?.kind === 'list' && ['string', 'bytes'].includes(elementOf(type).kind);
  return newList(factor(times(items, items), isText ? 2 + STRING_FACTOR : 2), items);
};

const CALLS: Readonly<Record<string, CallEstimate>> = {
  '_==_': compare, '_!=_': compare, '_<_': order, '_<=_': order, '_>_': order, '_>=_': order, '_+_': add, dyn: ([value]) => ({ cost: ONE, size: value }),
  '@in': ([, range = NONE], _node, [, type]) => ({ cost: type?.kind === 'map' ? ONE : range }),
  startsWith: second, endsWith: second, contains, matches: (sizes) => ({ cost: regexCost(sizes) }), find: regexList, findAll: regexList,
  isSorted: listWalk, sum: listWalk, min: listWalk, max: listWalk, indexOf: listWalk, lastIndexOf: listWalk,
  lowerAscii: walk(1), upperAscii: walk(1), substring: walk(1), trim: walk(1), 'strings.quote': walk(1), format: ([text = NONE]) => ({ cost: factor(text, STRING_FACTOR) }),
  url: walk(1), ip: ([text = ONE], _node, [type]) => ({ cost: type?.kind === 'string' ? factor(text, STRING_FACTOR) : ONE }), cidr: walk(1), isIP: walk(1), isCIDR: walk(1), 'ip.isCanonical': walk(2),
  quantity: walk(1), isQuantity: walk(1), semver: walk(1), isSemver: walk(1), 'base64.encode': walk(1), 'base64.decode': walk(1), 'jsonpatch.escapeKey': walk(1),
  // A text that is made of a text has no known size: cel-go looks for one only where it makes a new one.
  string: ([text = ONE], _node, [type]) => (type?.kind === 'string' ? { cost: ONE } : type?.kind === 'bytes' ? { cost: factor(text, STRING_FACTOR), size: text } : { cost: ONE, ...(isNumeric(type) ? { size: NUMBER_TEXT } : {}) }), bytes: walk(1),
  replace, join, split: ([text = NONE]) => ({ cost: factor(text, 2 * STRING_FACTOR), size: { min: 0, max: text.max } }),
  reverse: (sizes, node, types, overloads) => (types[0]?.kind === 'string' ? walk(1)(sizes, node, types, overloads) : newList(sizes[0] ?? NONE, sizes[0] ?? NONE)),
  slice: ([items = NONE], { args: [start, end] }) => {
    const size = exactly(Math.max(0, numberOf(end, items.max) - numberOf(start, 0)));
    return newList(size, size);
  },
  'lists.range': (_sizes, { args: [count] }) => newList(exactly(numberOf(count, UNBOUNDED)), exactly(numberOf(count, UNBOUNDED))),
  flatten: ([items = NONE], { args: [depth] }) => newList(factor(items, numberOf(depth, depth ? UNBOUNDED : 1)), factor(items, numberOf(depth, depth ? UNBOUNDED : 1))),
  distinct: selfCompare(0), sort: selfCompare(0), '@sortByAssociatedKeys': selfCompare(1),
  'sets.contains': sets, 'sets.equivalent': ([a = NONE, b = NONE]) => ({ cost: plus(ONE, times(exactly(2), times(a, b))) }), 'sets.intersects': sets,
  containsIP: containsIp(0), containsCIDR: containsIp(2), validate: ([, text = NONE]) => ({ cost: factor(factor(text, STRING_FACTOR), MAX_FORMAT_PATTERN * REGEX_FACTOR) }), check: () => ({ cost: exactly(AUTHORIZER_CHECK_COST) }),
};

function sizeOfType(type: Type): Range {
  if (!SIZED.has(type.kind)) return ONE;
  return { min: 0, max: type.max ?? UNBOUNDED };
}

class Estimator {
  readonly #checked: Checked;
  /** Sizes of names that comprehensions and `cel.bind` gave to computed values. */
  readonly #named = new Map<string, Range | undefined>();

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  estimate(node: Node): Estimate {
    switch (node.kind) {
      case 'const': return { cost: NONE, size: exactly(sizeOf(node.value)) };
      case 'ident': return { cost: exactly(SELECT_COST), size: this.#named.get(node.name) };
      case 'select': return this.#checked.namespaced.has(node) || this.#checked.constants.has(node) ? { cost: exactly(SELECT_COST) } : { cost: plus(this.estimate(node.operand).cost, node.isTest || !(node.isOptional || this.#hasFields(node.operand)) ? NONE : exactly(SELECT_COST)) };
      case 'list': return { cost: plus(exactly(LIST_COST), ...node.elements.map((e) => this.estimate(e.value).cost)), size: exactly(node.elements.length) };
      case 'map': return { cost: plus(exactly(MAP_COST), ...node.entries.flatMap((e) => [this.estimate(e.key).cost, this.estimate(e.value).cost])), size: exactly(node.entries.length) };
      case 'struct': return { cost: plus(exactly(STRUCT_COST), ...node.fields.map((f) => this.estimate(f.value).cost)) };
      case 'call': return this.#call(node);
      case 'fold': return this.#fold(node);
      // The macro stands for a fold over an empty list.
      case 'bind': return this.#within(node.name, this.#sized(node.init), { cost: plus(exactly(LIST_COST), this.estimate(node.init).cost) }, node.body);
      case 'optMap': return this.#within(node.name, undefined, this.estimate(node.target), node.body);
    }
  }

  /** To read a field of what nothing is known of costs nothing by itself. */
  #hasFields(node: Node): boolean {
    return FIELDED.has(this.#checked.types.get(node)?.kind ?? 'dyn');
  }

  #sized(node: Node): Range {
    const known = this.estimate(node).size;
    return known ?? sizeOfType(this.#checked.types.get(node) ?? { kind: 'dyn' });
  }

  #within(name: string, size: Range | undefined, init: Estimate, body: Node): Estimate {
    const before = this.#named.get(name);
    this.#named.set(name, size);
    const inner = this.estimate(body);
    this.#named.set(name, before);
    return { cost: plus(init.cost, inner.cost), size: inner.size };
  }

  #call(node: CallNode): Estimate {
    const namespaced = this.#checked.namespaced.get(node);
    const args = namespaced === undefined && node.target ? [node.target, ...node.args] : node.args;
    const known = args.map((arg) => this.estimate(arg));
    const costs = known.map((k) => k.cost);
    if (node.name === '_&&_' || node.name === '_||_') return { cost: { min: costs[0]?.min ?? 0, max: plus(...costs).max } };
    if (node.name === '_?_:_') {
      const [condition = NONE, yes = NONE, no = NONE] = costs;
      const [, a, b] = args.map((arg) => this.#sized(arg));
      return { cost: plus(condition, either(yes, no)), size: a && b && either(a, b) };
    }
    const estimate = CALLS[namespaced ?? node.name] ?? nominal;
    const { cost, size } = estimate(args.map((arg) => this.#sized(arg)), node, args.map((arg) => this.#checked.types.get(arg) ?? { kind: 'dyn' }), this.#checked.overloads.get(node) ?? []);
    return { cost: plus(cost, ...costs), size: isSized(this.#checked.types.get(node)) ? size : undefined };
  }

  /** Of what a literal holds; undefined when the types tell it. */
  #entrySize(range: Node, position: number, count: number): Range | undefined {
    const isKey = count === 2 ? position === 0 : range.kind === 'map';
    const entries = range.kind === 'list' ? (isKey ? [] : range.elements.map((e) => e.value)) : range.kind === 'map' ? range.entries.map((e) => (isKey ? e.key : e.value)) : [];
    return entries.length === 0 ? undefined : entries.map((entry) => this.#sized(entry)).reduce(either);
  }

  #fold(node: FoldNode): Estimate {
    const range = this.estimate(node.range);
    const count = this.#sized(node.range);
    const before = node.variables.map((name) => this.#named.get(name));
    for (const [i, name] of node.variables.entries()) this.#named.set(name, this.#entrySize(node.range, i, node.variables.length));
    const body = this.estimate(node.body).cost;
    const filter = node.filter ? this.estimate(node.filter).cost : NONE;
    for (const [i, name] of node.variables.entries()) this.#named.set(name, before[i]);
    const { round, base } = foldCosts(node, body, filter);
    return { cost: plus(range.cost, base, times(count, round)), size: node.macro === 'map' && !node.filter ? count : { min: 0, max: count.max } };
  }
}

const FIELDED: ReadonlySet<string> = new Set(['map', 'object', 'param']);

/** What cel-go's expansion of the macros costs a round and once. */
function foldCosts(node: FoldNode, body: Range, filter: Range): { readonly round: Range; readonly base: Range } {
  switch (node.macro) {
    case 'all': return { round: { min: 3, max: 3 + body.max }, base: ONE };
    case 'exists': return { round: { min: 4, max: 4 + body.max }, base: ONE };
    case 'existsOne': return { round: plus(body, { min: 1, max: 2 }), base: exactly(2) };
    case 'filter': return { round: plus(body, { min: 1, max: 13 }), base: exactly(LIST_COST + 1) };
    case 'transformMap': return { round: plus(filter, body, exactly(3)), base: exactly(MAP_COST + 1) };
    case 'transformMapEntry': return { round: plus(filter, body, exactly(2)), base: exactly(MAP_COST + 1) };
    default: return { round: node.filter ? plus(filter, { min: 1, max: cap(12 + body.max) }) : plus(body, exactly(12)), base: exactly(LIST_COST + 1) };
  }
}

const isNumeric = (type: Type | undefined): boolean => type !== undefined && ['int', 'uint', 'double', 'bool', 'timestamp', 'duration'].includes(type.kind);
const isSized = (type: Type | undefined): boolean => type !== undefined && SIZED.has(type.kind);
