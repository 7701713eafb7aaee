import { goBool } from '#api/go-bool.ts';
import { fn, type Functions, member, type Overload } from '../declarations.ts';
import { EvaluationError } from '../errors.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../time.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, list, map, param, STRING, TIMESTAMP, type Type, typeOf, UINT } from '../types.ts';
import { type CelList, type CelMap, Duration, MAX_INT, MAX_UINT, MIN_INT, Timestamp, typeName, TypeValue, Uint, type Value } from '../values.ts';

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

function whole(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parseInteger(text: string, pattern: RegExp, to: string): bigint {
  if (!pattern.test(text)) throw failure('string', to);
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

function parseDouble(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  const special = /^([+-]?)inf(inity)?$/i.exec(text);
  if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(text)) return Number.NaN;
  throw failure('string', 'double');
}

export function doubleText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  // Go writes at least two digits of exponent, from 1e21 on as JavaScript does.
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
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
  type: [fn([param('A')], typeOf(DYN), (value: Value) => new TypeValue(typeName(value)))],
  bool: [same(BOOL), fn([STRING], BOOL, parseBool)],
  int: [
    same(INT), fn([UINT], INT, (v: Uint) => toInt(v.value)), fn([DOUBLE], INT, (v: number) => toInt(whole(v))),
    fn([STRING], INT, (v: string) => toInt(parseInteger(v, /^[+-]?\d+$/, 'int'))), fn([TIMESTAMP], INT, (v: Timestamp) => floorDivide(v.nanos, 1_000_000_000n)),
    fn([DURATION], INT, (v: Duration) => v.nanos),
  ],
  uint: [same(UINT), fn([INT], UINT, toUint), fn([DOUBLE], UINT, (v: number) => toUint(whole(v))), fn([STRING], UINT, (v: string) => toUint(parseInteger(v, /^\d+$/, 'uint')))],
  double: [same(DOUBLE), fn([INT], DOUBLE, Number), fn([UINT], DOUBLE, (v: Uint) => Number(v.value)), fn([STRING], DOUBLE, parseDouble)],
  string: [
    same(STRING), fn([BOOL], STRING, String), fn([INT], STRING, String), fn([UINT], STRING, (v: Uint) => String(v.value)), fn([DOUBLE], STRING, doubleText),
    fn([BYTES], STRING, decodeUtf8), fn([TIMESTAMP], STRING, formatTimestamp), fn([DURATION], STRING, formatDuration),
  ],
  bytes: [same(BYTES), fn([STRING], BYTES, (v: string) => new TextEncoder().encode(v))],
  timestamp: [same(TIMESTAMP), fn([STRING], TIMESTAMP, parseTimestamp), fn([INT], TIMESTAMP, (v: bigint) => new Timestamp(v * 1_000_000_000n))],
  duration: [same(DURATION), fn([STRING], DURATION, parseDuration), fn([INT], DURATION, (v: bigint) => new Duration(v))],
};

const floorDivide = (a: bigint, b: bigint): bigint => (a >= 0n || a % b === 0n ? a / b : a / b - 1n);
