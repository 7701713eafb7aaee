import { type Functions, member, type Overload } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { compareText } from '../cel/functions/operators.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, list, STRING, TIMESTAMP, type Type, UINT } from '../cel/types.ts';
import { type CelList, compareNumbers, Duration, isNumber, MAX_INT, MAX_UINT, MIN_INT, Timestamp, typeName, Uint, type Value } from '../cel/values.ts';

export const ORDERED = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES] as const;

export function compare(a: Value, b: Value): number {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  throw new EvaluationError('no such overload');
}

function extreme(name: string, sign: 1 | -1): readonly Overload[] {
  return ORDERED.map((type) => member([list(type)], type, (items: CelList) => {
    const [first, ...rest] = items;
    if (first === undefined) throw new EvaluationError(`${name} called on empty list`);
    return rest.reduce<Value>((best, item) => (compare(item, best) * sign > 0 ? item : best), first);
  }));
}

function sumOf(type: Type, zero: Value, add: (a: Value, b: Value) => Value): Overload {
  return member([list(type)], type, (items: CelList) => items.reduce<Value>((sum, item) => {
    if (typeName(item) !== typeName(zero)) throw new EvaluationError('no such overload');
    return add(sum, item);
  }, zero));
}

function sumInts(a: Value, b: Value): bigint {
  const sum = (a as bigint) + (b as bigint);
  if (sum < MIN_INT || sum > MAX_INT) throw new EvaluationError('integer overflow');
  return sum;
}

function sumUints(a: Value, b: Value): Uint {
  const sum = (a as Uint).value + (b as Uint).value;
  if (sum > MAX_UINT) throw new EvaluationError('unsigned integer overflow');
  return new Uint(sum);
}

export const LISTS: Functions = {
  isSorted: ORDERED.map((type) => member([list(type)], BOOL, (items: CelList) => items.every((item, i) => i === 0 || compare(items[i - 1] as Value, item) <= 0))),
  sum: [
    sumOf(INT, 0n, sumInts),
    sumOf(UINT, new Uint(0n), sumUints),
    sumOf(DOUBLE, 0, (a, b) => (a as number) + (b as number)),
    sumOf(DURATION, new Duration(0n), (a, b) => new Duration((a as Duration).nanos + (b as Duration).nanos)),
  ],
  min: extreme('min', -1),
  max: extreme('max', 1),
};
