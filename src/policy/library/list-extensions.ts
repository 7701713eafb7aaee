import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { DYN, INT, list, optional, param } from '../cel/types.ts';
import { type CelList, equals, isMap, Optional, type Value } from '../cel/values.ts';
import { compare, ORDERED } from './lists.ts';

const A = param('A');
/** A list of numbers that costs as much as one evaluation may is refused before it is made. */
const MAX_RANGE = 1_000_000n;

/** cel-go's lists extension, version 3, and what its optionals give lists. `sortBy` is a macro: it calls `@sortByAssociatedKeys`. */
export const LIST_EXTENSIONS: Functions = {
  slice: [member([list(A), INT, INT], list(A), slice)],
  flatten: [member([list(list(A))], list(A), (items: CelList) => flatten(items, 1n)), member([list(DYN), INT], list(DYN), flatten)],
  sort: ORDERED.map((type) => member([list(type)], list(type), (items: CelList) => sorted(items, items))),
  '@sortByAssociatedKeys': ORDERED.map((type) => member([list(A), list(type)], list(A), sorted)),
  'lists.range': [fn([INT], list(INT), range)],
  reverse: [member([list(A)], list(A), (items: CelList) => items.toReversed())],
  distinct: [member([list(A)], list(A), (items: CelList) => items.filter((item, i) => items.findIndex((other) => equals(item, other)) === i))],
  first: [member([list(A)], optional(A), (items: CelList) => optionalOf(items[0]))],
  last: [member([list(A)], optional(A), (items: CelList) => optionalOf(items.at(-1)))],
};

const optionalOf = (value: Value | undefined): Optional => (value === undefined ? Optional.NONE : new Optional(value));

function slice(items: CelList, start: bigint, end: bigint): CelList {
  const refuse = (why: string): never => {
    throw new EvaluationError(`cannot slice(${start}, ${end}), ${why}`);
  };
  if (start < 0n || end < 0n) refuse('negative indexes not supported');
  if (start > end) refuse('start index must be less than or equal to end index');
  if (end > BigInt(items.length)) refuse(`list is length ${items.length}`);
  return items.slice(Number(start), Number(end));
}

function flatten(items: CelList, depth: bigint): CelList {
  if (depth < 0n) throw new EvaluationError('level must be non-negative');
  return items.flatMap((item) => (depth > 0n && Array.isArray(item) ? flatten(item as CelList, depth - 1n) : [item]));
}

/** By keys of one type, each at the place of its item. */
function sorted(items: CelList, keys: CelList): CelList {
  if (items.length !== keys.length) throw new EvaluationError(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${items.length} and ${keys.length} elements respectively`);
  const [first] = keys;
  if (first === null || Array.isArray(first) || isMap(first)) throw new EvaluationError('list elements must be comparable');
  if (keys.some((key) => typeof key !== typeof first)) throw new EvaluationError('list elements must have the same type');
  return keys.map((key, i) => ({ key, item: items[i] as Value })).toSorted((a, b) => compare(a.key, b.key)).map(({ item }) => item);
}

function range(size: bigint): CelList {
  if (size < 0n) throw new EvaluationError(`lists.range: size must be non-negative, got ${size}`);
  if (size > MAX_RANGE) throw new EvaluationError(`lists.range: size ${size} exceeds maximum allowed (${MAX_RANGE})`);
  return Array.from({ length: Number(size) }, (_, i) => BigInt(i));
}
