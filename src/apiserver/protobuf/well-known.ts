import { broken, WireReader } from './wire.ts';

export const WIRE_BYTES = 2;
/** Go's zero time is the year one. */
const FIRST_SECOND = -62_000_000_000;
const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
const NANOS_PER_SECOND = 1e9;

/** The last value of each field that is a string, bytes or a message. */
export function slices(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.wire === WIRE_BYTES) found.set(reader.field, reader.bytes());
    else reader.skip(reader.wire);
  }
  return found;
}

function integers(bytes: Buffer): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.wire === 0) found.set(reader.field, Number(reader.signed()));
    else reader.skip(reader.wire);
  }
  return found;
}

/** The string, bytes or message that is field 1 of a message. */
export function first(reader: WireReader): Buffer | undefined {
  let found: Buffer | undefined;
  while (reader.next()) {
    if (reader.field === 1 && reader.wire === WIRE_BYTES) found = reader.bytes();
    else reader.skip(reader.wire);
  }
  return found;
}

/** With so many digits of a second; undefined when unset. */
export function time(bytes: Buffer, digits: 0 | 6): string | undefined {
  if (bytes.length === 0) return undefined;
  const fields = integers(bytes);
  const seconds = fields.get(1) ?? 0;
  if (seconds < FIRST_SECOND) return undefined;
  if (seconds > LAST_SECOND) throw broken('a time is beyond the year 9999');
  const whole = new Date(seconds * 1000).toISOString().slice(0, -'.000Z'.length);
  return digits === 0 ? `${whole}Z` : `${whole}.${String(Math.floor((fields.get(2) ?? 0) / 1000)).padStart(6, '0')}Z`;
}

/** Go's text of a duration, in seconds. */
export const duration = (bytes: Buffer): string => `${(integers(bytes).get(1) ?? 0) / NANOS_PER_SECOND}s`;

export function intOrString(bytes: Buffer): number | string {
  const numbers = integers(bytes);
  return numbers.get(1) === 1 ? (slices(bytes).get(3)?.toString() ?? '') : (numbers.get(2) ?? 0);
}
