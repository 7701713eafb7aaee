import { WireWriter } from '../protobuf/wire-writer.ts';

/** Writes a JSON value as a protobuf message, with its length. */
export type Codec = (out: WireWriter, value: unknown) => void;
type Json = Readonly<Record<string, unknown>>;

/** One field of a message: where its value stands in the JSON document, and how it is written with its tag. Zero values are left out, as proto3 has it. */
export interface Field {
  readonly number: number;
  /** Empty when the field is made of the whole document. */
  readonly key: string;
  write(out: WireWriter, value: unknown): void;
}

export const text = (number: number, key: string): Field => ({ number, key, write: (out, value) => void (value !== '' && tagged(out, number, () => out.string(String(value)))) });
export const flag = (number: number, key: string): Field => ({ number, key, write: (out, value) => void (value === true && scalar(out, number, () => out.varint(1))) });
/** The same as members of a choice, of which also a zero says that it was chosen. */
export const chosenText = (number: number): Field => ({ number, key: '', write: (out, value) => tagged(out, number, () => out.string(String(value))) });
export const chosenFlag = (number: number): Field => ({ number, key: '', write: (out, value) => scalar(out, number, () => out.varint(value === true ? 1 : 0)) });
export const integer = (number: number, key: string): Field => ({ number, key, write: (out, value) => void (value !== 0 && scalar(out, number, () => out.signed(Number(value)))) });
export const decimal = (number: number, key: string): Field => ({
  number, key, write: (out, value) => {
    out.double(Number(value));
    out.tag(number, 1);
  },
});
export const message = (number: number, key: string, codec: Codec): Field => ({ number, key, write: (out, value) => tagged(out, number, () => codec(out, value)) });
export const messages = (number: number, key: string, codec: Codec): Field => ({ number, key, write: (out, value) => backwards(value as readonly unknown[], (item) => tagged(out, number, () => codec(out, item))) });
export const texts = (number: number, key: string): Field => messages(number, key, (out, value) => out.string(String(value)));

/** A map as a list of messages with `name` and `value`. */
export const named = (number: number, key: string, codec: Codec): Field => ({ number, key, write: (out, value) => writeNamed(out, number, Object.entries(value as Json), codec) });

/** Members that the specification does not know: `x-kubernetes-…`. */
export const extensions = (number: number): Field => ({
  number, key: '', write: (out, value) => writeNamed(out, number, Object.entries(value as Json).filter(([name]) => name.startsWith('x-')), any),
});

/** Any value, as YAML text: JSON is YAML. */
export const any: Codec = (out, value) => within(out, () => tagged(out, 2, () => out.string(`${JSON.stringify(value)}\n`)));

/** A message of these fields. `fields` is asked late, because schemas hold schemas. */
export function messageOf(fields: () => readonly Field[]): Codec {
  let sorted: readonly Field[] | undefined;
  return (out, value) => {
    sorted ??= fields().toSorted((a, b) => b.number - a.number);
    const list = sorted;
    within(out, () => writeFields(out, list, value as Json));
  };
}

/** The bytes of a whole document. */
export function documentBytes(fields: readonly Field[], value: object): Buffer {
  const out = new WireWriter();
  writeFields(out, fields.toSorted((a, b) => b.number - a.number), value as Json);
  return out.take();
}

/** A message whose one field holds the value itself. `field` is asked late, and once: documents have thousands of them. */
export function wrapped(field: (key: string) => Field): Codec {
  let made: Field | undefined;
  return (out, value) => within(out, () => (made ??= field('')).write(out, value));
}

/** The codec of one of two messages, by the value. */
export const either = (isFirst: (value: Json) => boolean, first: Codec, second: Codec): Codec => (out, value) => (isFirst(value as Json) ? first : second)(out, value);

function writeFields(out: WireWriter, fields: readonly Field[], value: Json): void {
  for (const field of fields) {
    const member = field.key === '' ? value : value[field.key];
    if (member !== undefined && member !== null) field.write(out, member);
  }
}

function writeNamed(out: WireWriter, number: number, entries: readonly (readonly [string, unknown])[], codec: Codec): void {
  backwards(entries, ([name, value]) => tagged(out, number, () => within(out, () => {
    tagged(out, 2, () => codec(out, value));
    tagged(out, 1, () => out.string(name));
  })));
}

function within(out: WireWriter, write: () => void): void {
  const end = out.length;
  write();
  out.varint(out.length - end);
}

function tagged(out: WireWriter, number: number, write: () => void): void {
  write();
  out.tag(number, 2);
}

function scalar(out: WireWriter, number: number, write: () => void): void {
  write();
  out.tag(number, 0);
}

function backwards<T>(items: readonly T[], visit: (item: T) => void): void {
  for (const item of items.toReversed()) visit(item);
}
