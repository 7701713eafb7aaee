import { goFloat } from '#api/go-text.ts';
import { goBool } from '#api/go-bool.ts';
import { fn, type Functions, member, type Overload } from '../declarations.ts';
import { EvaluationError } from '../errors.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, timestampOfSeconds } from '../time.ts';
import { BOOL, BYTES, DOUBLE, DURATION, INT, list, map, param, STRING, TIMESTAMP, type Type, typeOf, UINT } from '../types.ts';
import { type CelList, type CelMap, type Duration, MAX_INT, MAX_UINT, MIN_INT, type Timestamp, typeName, TypeValue, Uint, type Value } from '../values.ts';

const same = (type: Type): Overload => fn([type], type, (value: Value) => value);
const failure = (from: string, to: string): EvaluationError => new EvaluationError(`type conversion error from '${from}' to '${to}'`);

function toInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvaluationError('integer overflow');
  return value;
}

function toUint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

/** The largest and the smallest that a double can be are not sure to fit: it stands for its neighbours too. */
function doubleToInt(value: number): bigint {
  if (!(value > -(2 ** 63) && value < 2 ** 63)) throw new EvaluationError('integer overflow');
  return BigInt(Math.trunc(value));
}

function doubleToUint(value: number): Uint {
  if (!(value >= 0 && value < 2 ** 64)) throw new EvaluationError('unsigned integer overflow');
  return new Uint(BigInt(Math.trunc(value)));
}

function parseInteger(text: string, pattern: RegExp, { to, low, high }: { readonly to: string; readonly low: bigint; readonly high: bigint }): bigint {
  const value = pattern.test(text) ? BigInt(text.startsWith('+') ? text.slice(1) : text) : undefined;
  if (value === undefined || value < low || value > high) throw failure('string', to);
  return value;
}

function parseDouble(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    if (!Number.isFinite(Number(text))) throw failure('string', 'double');
    return Number(text);
  }
  const special = /^([+-]?)inf(inity)?$/i.exec(text);
  if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw failure('string', 'double');
}

function parseBool(text: string): boolean {
  const value = goBool(text);
  if (value === undefined) throw failure('string', 'bool');
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const SIZES: readonly (readonly [Type, (value: never) => bigint])[] = [
  [STRING, (text: string) => BigInt(characters(text))], [BYTES, (bytes: Uint8Array) => BigInt(bytes.length)],
  [list(param('A')), (items: CelList) => BigInt(items.length)], [map(param('A'), param('B')), (entries: CelMap) => BigInt(entries.size)],
];

/** Code points, of which a surrogate pair is one. */
function characters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i += 1) if ((text.charCodeAt(i) & 0xfc_00) === 0xd8_00) count -= 1;
  return count;
}

export const CONVERSIONS: Functions = {
  size: [...SIZES.map(([type, size]) => fn([type], INT, size)), ...SIZES.map(([type, size]) => member([type], INT, size))],
  type: [fn([param('A')], typeOf(param('A')), (value: Value) => new TypeValue(typeName(value)))],
  bool: [same(BOOL), fn([STRING], BOOL, parseBool)],
  int: [
    same(INT), fn([UINT], INT, (v: Uint) => toInt(v.value)), fn([DOUBLE], INT, doubleToInt),
    fn([STRING], INT, (v: string) => parseInteger(v, /^[+-]?\d+$/, { to: 'int', low: MIN_INT, high: MAX_INT })), fn([TIMESTAMP], INT, (v: Timestamp) => floorDivide(v.nanos, 1_000_000_000n)),
    fn([DURATION], INT, (v: Duration) => v.nanos),
  ],
  uint: [same(UINT), fn([INT], UINT, toUint), fn([DOUBLE], UINT, doubleToUint), fn([STRING], UINT, (v: string) => new Uint(parseInteger(v, /^\d+$/, { to: 'uint', low: 0n, high: MAX_UINT })))],
  double: [same(DOUBLE), fn([INT], DOUBLE, Number), fn([UINT], DOUBLE, (v: Uint) => Number(v.value)), fn([STRING], DOUBLE, parseDouble)],
  string: [
    same(STRING), fn([BOOL], STRING, String), fn([INT], STRING, String), fn([UINT], STRING, (v: Uint) => String(v.value)), fn([DOUBLE], STRING, goFloat),
    fn([BYTES], STRING, decodeUtf8), fn([TIMESTAMP], STRING, formatTimestamp), fn([DURATION], STRING, formatDuration),
  ],
  bytes: [same(BYTES), fn([STRING], BYTES, (v: string) => new TextEncoder().encode(v))],
  timestamp: [same(TIMESTAMP), fn([STRING], TIMESTAMP, parseTimestamp), fn([INT], TIMESTAMP, timestampOfSeconds)],
  duration: [same(DURATION), fn([STRING], DURATION, parseDuration)],
};

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);
