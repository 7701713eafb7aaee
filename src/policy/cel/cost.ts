import { isMap, type Value } from './values.ts';

/** Kubernetes' cost model: what it takes to walk a character of a string, and of a regular expression. */
export const STRING_FACTOR = 0.1;
export const REGEX_FACTOR = 0.25;
export const SELECT_COST = 1;
export const LIST_COST = 10;
export const MAP_COST = 30;
export const STRUCT_COST = 40;
export const AUTHORIZER_CHECK_COST = 350_000;

/** Elements of a list or map, characters of a string, bytes; 1 for what has no size. */
export function sizeOf(value: Value | undefined): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (isMap(value)) return value.size;
  if (typeof value === 'object' && value !== null && 'celSize' in value) return value.celSize as number;
  return 1;
}

/** What it takes to walk a value with all that it holds. */
function traversal(value: Value | undefined): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.ceil(value.length * STRING_FACTOR);
  if (Array.isArray(value)) return (value as Value[]).reduce<number>((sum, item) => sum + traversal(item), 0);
  return 1;
}

type CallCost = (args: readonly Value[], result: Value) => number;

const walk = (times: number): CallCost => (args) => Math.ceil(sizeOf(args[0]) * times * STRING_FACTOR);
const fixed = (cost: number): CallCost => () => cost;
const smaller: CallCost = ([a, b]) => Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * STRING_FACTOR);
const regex: CallCost = ([text, pattern]) => Math.ceil((1 + sizeOf(text)) * STRING_FACTOR) * Math.ceil(sizeOf(pattern) * REGEX_FACTOR);
const listWalk: CallCost = ([list]) => traversal(list);
const contains: CallCost = ([text, part]) => Math.ceil(sizeOf(text) * STRING_FACTOR) * Math.ceil(sizeOf(part) * STRING_FACTOR);
const containsIp: CallCost = ([cidr, other]) => Math.ceil(2 * sizeOf(cidr) * STRING_FACTOR) + (typeof other === 'string' ? Math.ceil(other.length * STRING_FACTOR) : 0);
const setsCost: CallCost = ([a, b]) => 1 + sizeOf(a) * sizeOf(b);
const newList = (size: number): number => LIST_COST + 1 + Math.floor(size);
/** Each item is compared with each. */
const selfCompare = (items: Value | undefined): number => {
  const [first] = Array.isArray(items) ? (items as readonly Value[]) : [];
  return newList(sizeOf(items) ** 2 * (typeof first === 'string' || first instanceof Uint8Array ? 2 + STRING_FACTOR : 2));
};
const named = (cost: CallCost, ...names: readonly string[]): Record<string, CallCost> => Object.fromEntries(names.map((name) => [name, cost]));

/** Calls that do not cost 1. */
const COSTS: Readonly<Record<string, CallCost>> = {
  ...named(([, part]) => Math.ceil(sizeOf(part) * STRING_FACTOR), 'endsWith', 'startsWith'),
  ...named(walk(1), 'bytes', 'strings.quote', 'format', 'url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver', 'base64.encode', 'base64.decode', 'jsonpatch.escapeKey'),
  string: ([value]) => (value instanceof Uint8Array || typeof value === 'string' ? Math.ceil(value.length * STRING_FACTOR) : 1),
  ...named(walk(2), 'replace', 'split', 'ip.isCanonical'),
  join: (_args, result) => Math.ceil(sizeOf(result) * 2 * STRING_FACTOR),
  ...named(smaller, '_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_'),
  '_+_': ([a, b]) => (typeof a === 'string' || a instanceof Uint8Array ? Math.ceil((sizeOf(a) + sizeOf(b)) * STRING_FACTOR) : 1),
  '@in': ([, range]) => (Array.isArray(range) ? range.length : 1),
  ...named(regex, 'matches', 'find', 'findAll'),
  contains,
  ...named(listWalk, 'isSorted', 'sum', 'min', 'max', 'indexOf', 'lastIndexOf'),
  ...named(setsCost, 'sets.contains', 'sets.intersects'),
  'sets.equivalent': ([a, b]) => 1 + 2 * sizeOf(a) * sizeOf(b),
  ...named((_args, result) => newList(sizeOf(result)), 'slice', 'lists.range'),
  reverse: ([value], result) => (typeof value === 'string' ? 1 : newList(sizeOf(result))),
  flatten: ([items, depth]) => newList(sizeOf(items) * Number(depth ?? 1)),
  ...named(([items]) => selfCompare(items), 'distinct', 'sort'),
  '@sortByAssociatedKeys': ([, keys]) => selfCompare(keys),
  ip: ([value]) => (typeof value === 'string' ? Math.ceil(value.length * STRING_FACTOR) : 1),
  containsIP: containsIp,
  containsCIDR: (args, result) => containsIp(args, result) + Math.ceil(sizeOf(args[0]) * STRING_FACTOR) + 1,
  validate: ([, text]) => Math.ceil(sizeOf(text) * STRING_FACTOR),
  check: fixed(AUTHORIZER_CHECK_COST),
};

/** Undefined for calls that cost 1. */
export const callCost = (name: string): CallCost | undefined => (Object.hasOwn(COSTS, name) ? COSTS[name] : undefined);

const SQUARE: ReadonlySet<string> = new Set(['distinct', 'sort', '@sortByAssociatedKeys', 'sets.contains', 'sets.equivalent', 'sets.intersects']);
/** Calls whose work grows with the square of a list: paid for before it is done, or one could hold up the event loop at no cost. */
export const isPaidBefore = (name: string): boolean => SQUARE.has(name);
