import type { ScalarType } from '#api/facts.ts';
import type { WireWriter } from './wire-writer.ts';

/** Writes a value without its tag; undefined is the type's zero value. */
export interface ValueWriter {
  readonly wire: 0 | 1 | 2;
  write(out: WireWriter, value: unknown): void;
}

type PlainScalar = Exclude<ScalarType, 'JSONSchemaPropsOrBool' | 'JSONSchemaPropsOrArray' | 'JSONSchemaPropsOrStringArray'>;

const NANOS_PER_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** Scalars whose form does not depend on other types. */
export const SCALAR_WRITERS: Readonly<Record<PlainScalar, ValueWriter>> = {
  string: { wire: 2, write: (out, value) => out.string(textOf(value)) },
  bool: { wire: 0, write: (out, value) => out.varint(value === true ? 1 : 0) },
  int32: { wire: 0, write: (out, value) => out.signed(numberOf(value)) },
  int64: { wire: 0, write: (out, value) => out.signed(typeof value === 'bigint' ? value : numberOf(value)) },
  double: { wire: 1, write: (out, value) => out.double(numberOf(value)) },
  bytes: { wire: 2, write: (out, value) => out.bytes(Buffer.from(textOf(value), 'base64')) },
  Time: { wire: 2, write: (out, value) => writeTime(out, value, false) },
  MicroTime: { wire: 2, write: (out, value) => writeTime(out, value, true) },
  Duration: { wire: 2, write: (out, value) => within(out, () => field(out, 1, 0, () => out.signed(nanosOf(textOf(value))))) },
  Quantity: { wire: 2, write: (out, value) => within(out, () => field(out, 1, 2, () => out.string(value === undefined ? '0' : textOf(value)))) },
  IntOrString: { wire: 2, write: writeIntOrString },
  RawExtension: { wire: 2, write: writeRaw },
  FieldsV1: { wire: 2, write: writeRaw },
  JSON: { wire: 2, write: writeRaw },
};

/** A message, with its length. */
export function within(out: WireWriter, write: () => void): void {
  const end = out.length;
  write();
  out.varint(out.length - end);
}

function field(out: WireWriter, number: number, wire: 0 | 2, write: () => void): void {
  write();
  out.tag(number, wire);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value));
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Of Kubernetes' times the zero value is an empty message; plain times have no fraction. */
function writeTime(out: WireWriter, value: unknown, hasFraction: boolean): void {
  const text = textOf(value);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return out.varint(0);
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const micros = hasFraction ? Number(fraction.slice(0, 6).padEnd(6, '0')) : 0;
  within(out, () => {
    out.varint(micros * 1000);
    out.tag(2, 0);
    out.signed(Math.floor(ms / 1000));
    out.tag(1, 0);
  });
}

function writeIntOrString(out: WireWriter, value: unknown): void {
  const isText = typeof value === 'string';
  within(out, () => {
    out.string(isText ? value : '');
    out.tag(3, 2);
    out.signed(isText ? 0 : numberOf(value));
    out.tag(2, 0);
    out.varint(isText ? 1 : 0);
    out.tag(1, 0);
  });
}

/** Embedded documents stay JSON. */
function writeRaw(out: WireWriter, value: unknown): void {
  if (value === undefined) return out.varint(0);
  within(out, () => field(out, 1, 2, () => out.string(JSON.stringify(value))));
}

/** Go's `1h2m3.5s`. */
function nanosOf(text: string): number {
  const size = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * (NANOS_PER_UNIT[unit ?? ''] ?? 0), 0);
  return Math.round(text.startsWith('-') ? -size : size);
}
