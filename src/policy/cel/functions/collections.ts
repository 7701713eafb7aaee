import { fn, type Functions, member } from '../declarations.ts';
import { EvaluationError } from '../errors.ts';
import { BOOL, BYTES, INT, list, optional, param, STRING } from '../types.ts';
import { type CelList, Duration, equals, isMap, MIN_TIME, Optional, Timestamp, Uint, type Value } from '../values.ts';

const A = param('A');
const holds = (range: CelList, item: Value): boolean => range.some((other) => equals(item, other));
const within = (a: CelList, b: CelList): boolean => b.every((item) => holds(a, item));

/** cel-go's sets extension. */
export const SETS: Functions = {
  'sets.contains': [fn([list(A), list(A)], BOOL, within)],
  'sets.equivalent': [fn([list(A), list(A)], BOOL, (a: CelList, b: CelList) => within(a, b) && within(b, a))],
  'sets.intersects': [fn([list(A), list(A)], BOOL, (a: CelList, b: CelList) => a.some((item) => holds(b, item)))],
};

export const OPTIONALS: Functions = {
  'optional.of': [fn([A], optional(A), (value: Value) => new Optional(value))],
  'optional.none': [fn([], optional(A), () => Optional.NONE)],
  'optional.ofNonZeroValue': [fn([A], optional(A), (value: Value) => (isZero(value) ? Optional.NONE : new Optional(value)))],
  'optional.unwrap': [fn([list(optional(A))], list(A), unwrap)],
  unwrapOpt: [member([list(optional(A))], list(A), unwrap)],
  hasValue: [member([optional(A)], BOOL, (value: Optional) => value.value !== undefined)],
  value: [member([optional(A)], A, (value: Optional) => {
    if (value.value === undefined) throw new EvaluationError('optional.none() dereference');
    return value.value;
  })],
  or: [member([optional(A), optional(A)], optional(A), (a: Optional, b: Optional) => (a.value === undefined ? b : a))],
  orValue: [member([optional(A), A], A, (a: Optional, b: Value) => (a.value === undefined ? b : a.value))],
};

function unwrap(items: CelList): CelList {
  return items.flatMap((item) => (item instanceof Optional && item.value !== undefined ? [item.value] : []));
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0n || value === 0) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === MIN_TIME;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return isMap(value) && value.size === 0;
}

/** cel-go's encoders extension, which Kubernetes' expressions do not have. */
export const ENCODERS: Functions = {
  'base64.encode': [fn([BYTES], STRING, (bytes: Uint8Array) => Buffer.from(bytes).toString('base64'))],
  'base64.decode': [fn([STRING], BYTES, (text: string) => {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new EvaluationError(`illegal base64 data at input byte ${text.search(/[^A-Za-z0-9+/]/)}`);
    return Uint8Array.from(Buffer.from(text, 'base64'));
  })],
};

export const LIST_POSITIONS: Functions = {
  indexOf: [member([list(A), A], INT, (items: CelList, item: Value) => BigInt(items.findIndex((other) => equals(item, other))))],
  lastIndexOf: [member([list(A), A], INT, (items: CelList, item: Value) => BigInt(items.findLastIndex((other) => equals(item, other))))],
};
