import { EvaluationError } from './errors.ts';

/**
 * What expressions compute with: int is a bigint, double a number, bytes a Uint8Array, list an array, map a Map whose keys are
 * strings, bigints (int and uint alike) or booleans.
 */
export type Value = null | boolean | bigint | number | string | Uint8Array | Uint | Timestamp | Duration | Optional | TypeValue | OpaqueValue | CelMap | CelList;
export type MapKey = string | bigint | boolean;
export type CelMap = ReadonlyMap<MapKey, Value>;
export type CelList = readonly Value[];

/** A value of a library's own type. */
export interface OpaqueValue {
  /** `net.URL`, `kubernetes.Quantity`. */
  readonly celType: string;
  equals(other: OpaqueValue): boolean;
}

/** A value with fields that is no map: expressions can neither go through them nor count them, nor look for one by `in`. */
export class Fields implements OpaqueValue {
  readonly celType: string;
  readonly members: CelMap;
  constructor(celType: string, members: CelMap) {
    this.celType = celType;
    this.members = members;
  }

  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    if (nanos < MIN_TIME || nanos > MAX_TIME) throw new EvaluationError('timestamp overflow');
    this.nanos = nanos;
  }
}
/** The first moment of the year 1, which is Go's zero of a time. */
export const MIN_TIME = -62135596800n * 1_000_000_000n;
const MAX_TIME = 253402300799_999_999_999n;

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    if (nanos < MIN_INT || nanos > MAX_INT) throw new EvaluationError('integer overflow');
    this.nanos = nanos;
  }
}

export class Optional {
  static readonly NONE = new Optional(undefined);
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export const MAX_INT = 2n ** 63n - 1n;
export const MIN_INT = -(2n ** 63n);
export const MAX_UINT = 2n ** 64n - 1n;

/** How a list of the API merges and compares, put on arrays under this symbol; absent for atomic lists. */
export const LIST_IDENTITY = Symbol('list identity');
/** `set`, or the fields that make up the key of an entry. */
export type ListIdentity = 'set' | readonly string[];
export const identityOf = (list: CelList): ListIdentity | undefined => (list as { [LIST_IDENTITY]?: ListIdentity })[LIST_IDENTITY];

export const isMap = (value: unknown): value is CelMap => value instanceof Map;
/** Where a value holds its fields; undefined for one that has none. */
export const membersOf = (value: unknown): CelMap | undefined => (isMap(value) ? value : value instanceof Fields ? value.members : undefined);
export const isOpaque = (value: unknown): value is OpaqueValue => typeof value === 'object' && value !== null && 'celType' in value;

/** The name that `type(value)` gives. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean': return 'bool';
    case 'bigint': return 'int';
    case 'number': return 'double';
    case 'string': return 'string';
    default:
  }
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (isMap(value)) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return (value as OpaqueValue).celType;
}

/** The key under which a map holds a value; undefined for what can be no key. */
export function mapKey(value: Value): MapKey | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof Uint) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Equality over types: numbers compare by value, values of different types are different. */
export function equals(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a as CelList, b as CelList);
  if (isMap(a)) return isMap(b) && equalMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
  if (a instanceof Optional) return b instanceof Optional && (a.value === undefined ? b.value === undefined : b.value !== undefined && equals(a.value, b.value));
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  return isOpaque(a) && isOpaque(b) && a.celType === b.celType && a.equals(b);
}

export const isNumber = (value: Value): value is bigint | number | Uint => typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;

/** NaN for a comparison with NaN. */
export function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number {
  const x = a instanceof Uint ? a.value : a;
  const y = b instanceof Uint ? b.value : b;
  // An integer is compared with a double as the double next to it.
  if (typeof x !== typeof y) return compareSame(Number(x), Number(y));
  return compareSame(x, y);
}

function compareSame<T extends bigint | number>(x: T, y: T): number {
  if (x < y) return -1;
  if (x > y) return 1;
  return x === y ? 0 : Number.NaN;
}

function equalLists(a: CelList, b: CelList): boolean {
  if (a.length !== b.length) return false;
  const identity = identityOf(a) ?? identityOf(b);
  if (identity === undefined) return a.every((item, i) => equals(item, b[i] as Value));
  return a.every((item) => b.some((other) => equals(item, other)));
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !equals(value, other)) return false;
  }
  return true;
}
