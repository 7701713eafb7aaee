import { fn, type Functions, type Overload } from '../declarations.ts';
import { EvaluationError } from '../errors.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, list, map, optional, param, STRING, TIMESTAMP, type Type, UINT } from '../types.ts';
import { type CelList, type CelMap, compareNumbers, Duration, equals, identityOf, LIST_IDENTITY, MAX_INT, MAX_UINT, mapKey, MIN_INT, Timestamp, Uint, type Value } from '../values.ts';

const A = param('A');
const B = param('B');

function int(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvaluationError('integer overflow');
  return value;
}

function uint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

function divisor(value: bigint, word: 'division' | 'modulus'): bigint {
  if (value === 0n) throw new EvaluationError(`${word} by zero`);
  return value;
}

function arithmetic(ints: (a: bigint, b: bigint) => bigint, doubles?: (a: number, b: number) => number): readonly Overload[] {
  return [
    fn([INT, INT], INT, (a: bigint, b: bigint) => int(ints(a, b))),
    fn([UINT, UINT], UINT, (a: Uint, b: Uint) => uint(ints(a.value, b.value))),
    ...(doubles ? [fn([DOUBLE, DOUBLE], DOUBLE, doubles)] : []),
  ];
}

const NUMBERS = [INT, UINT, DOUBLE] as const;

function ordering(holds: (order: number) => boolean): readonly Overload[] {
  const numbers = NUMBERS.flatMap((a) => NUMBERS.map((b) => fn([a, b], BOOL, (x: bigint, y: bigint) => holds(compareNumbers(x, y)))));
  const of = <T>(type: Type, compare: (a: T, b: T) => number): Overload => fn([type, type], BOOL, (a: T, b: T) => holds(compare(a, b)));
  return [
    ...numbers,
    of(STRING, compareText), of(BOOL, (a: boolean, b: boolean) => Number(a) - Number(b)), of(BYTES, (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b)),
    of(TIMESTAMP, byNanos), of(DURATION, byNanos),
  ];
}

const byNanos = (a: { readonly nanos: bigint }, b: { readonly nanos: bigint }): number => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0);

/** By bytes of UTF-8, which is the order of code points. */
export function compareText(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Sets and lists with keys merge instead of growing, as server-side apply does: an entry of the right takes the place of its equal. */
function concatenate(a: CelList, b: CelList): CelList {
  const identity = identityOf(a);
  if (identity === undefined) return [...a, ...b];
  const same = identity === 'set' ? equals : (x: Value, y: Value) => identity.every((key) => equals((x as CelMap).get(key) ?? null, (y as CelMap).get(key) ?? null));
  const merged = [...a];
  for (const item of b) {
    const at = merged.findIndex((known) => same(known, item));
    if (at < 0) merged.push(item);
    else merged[at] = item;
  }
  return Object.assign(merged, { [LIST_IDENTITY]: identity });
}

export const OPERATORS: Functions = {
  '_&&_': [fn([BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a && b)],
  '_||_': [fn([BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a || b)],
  '_?_:_': [fn([BOOL, A, A], A, (c: boolean, a: Value, b: Value) => (c ? a : b))],
  '!_': [fn([BOOL], BOOL, (a: boolean) => !a)],
  '-_': [fn([INT], INT, (a: bigint) => int(-a)), fn([DOUBLE], DOUBLE, (a: number) => -a)],
  '_==_': [fn([A, A], BOOL, equals)],
  '_!=_': [fn([A, A], BOOL, (a: Value, b: Value) => !equals(a, b))],
  '_<_': ordering((order) => order < 0),
  '_<=_': ordering((order) => order <= 0),
  '_>_': ordering((order) => order > 0),
  '_>=_': ordering((order) => order >= 0),
  '_+_': [
    ...arithmetic((a, b) => a + b, (a, b) => a + b),
    fn([STRING, STRING], STRING, (a: string, b: string) => a + b),
    fn([BYTES, BYTES], BYTES, (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b])),
    fn([list(A), list(A)], list(A), concatenate),
    fn([TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => new Timestamp(a.nanos + b.nanos)),
    fn([DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) => new Timestamp(a.nanos + b.nanos)),
    fn([DURATION, DURATION], DURATION, (a: Duration, b: Duration) => new Duration(a.nanos + b.nanos)),
  ],
  '_-_': [
    ...arithmetic((a, b) => a - b, (a, b) => a - b),
    fn([TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) => new Duration(a.nanos - b.nanos)),
    fn([TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) => new Timestamp(a.nanos - b.nanos)),
    fn([DURATION, DURATION], DURATION, (a: Duration, b: Duration) => new Duration(a.nanos - b.nanos)),
  ],
  '_*_': arithmetic((a, b) => a * b, (a, b) => a * b),
  '_/_': arithmetic((a, b) => a / divisor(b, 'division'), (a, b) => a / b),
  // The remainder of the smallest integer and -1 overflows in Go, as their quotient does.
  '_%_': arithmetic((a, b) => (a === MIN_INT && b === -1n ? MAX_INT + 1n : a % divisor(b, 'modulus'))),
  '@in': [
    fn([A, list(A)], BOOL, (a: Value, range: CelList) => range.some((item) => equals(a, item))),
    fn([A, map(A, B)], BOOL, (a: Value, range: CelMap) => {
      const key = mapKey(a);
      return key !== undefined && range.has(key);
    }),
  ],
  // Evaluated by the plan itself; declared for their types.
  '_[_]': [fn([list(A), INT], A, unreachable), fn([map(A, B), A], B, unreachable), fn([optional(list(A)), INT], optional(A), unreachable), fn([optional(map(A, B)), A], optional(B), unreachable)],
  '_[?_]': [fn([list(A), INT], optional(A), unreachable), fn([map(A, B), A], optional(B), unreachable), fn([optional(list(A)), INT], optional(A), unreachable), fn([optional(map(A, B)), A], optional(B), unreachable)],
  dyn: [fn([A], DYN, (a: Value) => a)],
};

function unreachable(): never {
  throw new TypeError('the plan evaluates this operator');
}
