import { parseExactJson } from '#api/exact-json.ts';
import type { FieldFacts, TypeReference } from '#api/facts.ts';
import type { PackageFacts, TypeFacts } from '#api/facts.ts';
import type { Schema } from '#api/schema.ts';
import { formatMicroTime, formatTime } from '#base/clock.ts';
import { broken, WireReader } from './wire.ts';

/** Every Kubernetes protobuf body begins so; an envelope with the kind and the object's own message follows. */
const MAGIC = Buffer.from('k8s\0');
const WIRE_BYTES = 2;

interface MessageField {
  readonly name: string;
  readonly type: TypeReference;
  /** Its fields stand in the parent's JSON object. */
  readonly isInline: boolean;
}

/** Turns `application/vnd.kubernetes.protobuf` into the JSON value of the same object, by the field numbers of the fact tables. */
export class ProtobufDecoder {
  readonly #schema: Schema;
  readonly #messages = new Map<TypeReference, ReadonlyMap<number, MessageField> | undefined>();
  #packages: ReadonlyMap<string, PackageFacts> | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** `typeOf` names the type of a kind in the fact tables. @throws StatusError BadRequest */
  decode(bytes: Buffer, typeOf: (apiVersion: string, kind: string) => TypeReference | undefined): unknown {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw broken('it does not begin with the envelope of Kubernetes');
    const { apiVersion, kind, raw } = envelope(bytes.subarray(MAGIC.length));
    const reference = typeOf(apiVersion, kind);
    if (reference === undefined || this.#message(reference) === undefined) throw broken(`kind ${kind} of ${apiVersion} is not known`);
    return { apiVersion, kind, ...this.#struct(reference, raw) };
  }

  #struct(reference: TypeReference, bytes: Buffer): Record<string, unknown> {
    const fields = this.#message(reference);
    if (fields === undefined) throw broken(`type ${reference} is not known`);
    const result: Record<string, unknown> = {};
    const reader = new WireReader(bytes);
    while (reader.hasMore) {
      const { field: number, wire } = reader.tag();
      const field = fields.get(number);
      if (field === undefined) reader.skip(wire);
      else if (field.isInline) Object.assign(result, this.#struct(field.type, reader.bytes()));
      else this.#read(result, field, reader, wire);
    }
    return result;
  }

  #read(result: Record<string, unknown>, { name, type }: MessageField, reader: WireReader, wire: number): void {
    if (type.startsWith('map[]')) {
      const entry = this.#mapEntry(type.slice('map[]'.length), reader.bytes());
      result[name] = { ...(result[name] as object | undefined), [entry.key]: entry.value };
    } else if (type.startsWith('[]')) {
      const list = (result[name] ??= []) as unknown[];
      const element = type.slice('[]'.length);
      if (wire === WIRE_BYTES && isNumeric(element)) readPacked(list, reader.bytes(), (r) => this.#value(element, r));
      else list.push(this.#value(element, reader));
    } else {
      const value = this.#value(type, reader);
      // Go writes empty strings and unset times too; in JSON they are left out.
      if (value !== '' && value !== null) result[name] = value;
    }
  }

  #mapEntry(type: TypeReference, bytes: Buffer): { readonly key: string; readonly value: unknown } {
    const reader = new WireReader(bytes);
    let key = '';
    let value: unknown;
    while (reader.hasMore) {
      const { field, wire } = reader.tag();
      if (field === 1) key = reader.bytes().toString();
      else if (field === 2) value = this.#value(type, reader);
      else reader.skip(wire);
    }
    return { key, value: value ?? (type === 'string' || type === 'bytes' ? '' : type.startsWith('[]') ? [] : {}) };
  }

  #value(type: TypeReference, reader: WireReader): unknown {
    switch (type) {
      case 'string': return reader.bytes().toString();
      case 'bool': return reader.varint() !== 0n;
      case 'int32': case 'int64': return reader.signed();
      case 'double': return reader.double();
      case 'bytes': return reader.bytes().toString('base64');
      case 'Time': return time(reader.bytes(), formatTime);
      case 'MicroTime': return time(reader.bytes(), formatMicroTime);
      case 'Duration': return `${Number(integers(reader.bytes()).get(1) ?? 0n) / 1e9}s`;
      case 'Quantity': return first(reader.bytes())?.toString() ?? '0';
      case 'IntOrString': return intOrString(reader.bytes());
      case 'FieldsV1': case 'RawExtension': case 'JSON': return json(first(reader.bytes()));
      default: return type.startsWith('[]') ? this.#list(type, reader.bytes()) : this.#struct(type, reader.bytes());
    }
  }

  /** A list as a map's value is a message with the items as field 1. */
  #list(type: TypeReference, bytes: Buffer): unknown[] {
    const items: unknown[] = [];
    const reader = new WireReader(bytes);
    while (reader.hasMore) {
      const { field, wire } = reader.tag();
      if (field === 1) items.push(this.#value(type.slice('[]'.length), reader));
      else reader.skip(wire);
    }
    return items;
  }

  #message(reference: TypeReference): ReadonlyMap<number, MessageField> | undefined {
    if (!this.#messages.has(reference)) this.#messages.set(reference, this.#load(reference));
    return this.#messages.get(reference);
  }

  #load(reference: TypeReference): ReadonlyMap<number, MessageField> | undefined {
    const facts = this.#factsOf(reference);
    if (facts === undefined) return undefined;
    const own = Object.entries(facts.fields).flatMap(([name, f]: [string, FieldFacts]): [number, MessageField][] => (f.proto === undefined ? [] : [[f.proto, { name, type: f.type, isInline: false }]]));
    const inline = (facts.inline ?? []).flatMap((f): [number, MessageField][] => (f.proto === undefined ? [...(this.#message(f.type) ?? [])] : [[f.proto, { name: '', type: f.type, isInline: true }]]));
    return new Map([...inline, ...own]);
  }

  #factsOf(reference: TypeReference): TypeFacts | undefined {
    this.#packages ??= new Map(this.#schema.packages().map((p) => [p.id, p]));
    const dot = reference.indexOf('.');
    return this.#packages.get(reference.slice(0, dot))?.types[reference.slice(dot + 1)];
  }
}

/** `runtime.Unknown`: 1 is the TypeMeta (1 apiVersion, 2 kind), 2 the object's own bytes. */
function envelope(bytes: Buffer): { readonly apiVersion: string; readonly kind: string; readonly raw: Buffer } {
  const fields = slices(bytes);
  const type = slices(fields.get(1) ?? Buffer.alloc(0));
  return { apiVersion: type.get(1)?.toString() ?? '', kind: type.get(2)?.toString() ?? '', raw: fields.get(2) ?? Buffer.alloc(0) };
}

function slices(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  const reader = new WireReader(bytes);
  while (reader.hasMore) {
    const { field, wire } = reader.tag();
    if (wire === WIRE_BYTES) found.set(field, reader.bytes());
    else reader.skip(wire);
  }
  return found;
}

function integers(bytes: Buffer): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>();
  const reader = new WireReader(bytes);
  while (reader.hasMore) {
    const { field, wire } = reader.tag();
    if (wire === 0) found.set(field, BigInt.asIntN(64, reader.varint()));
    else reader.skip(wire);
  }
  return found;
}

const first = (bytes: Buffer): Buffer | undefined => slices(bytes).get(1);
const isNumeric = (type: TypeReference): boolean => type === 'int32' || type === 'int64' || type === 'bool' || type === 'double';

function readPacked(list: unknown[], bytes: Buffer, read: (reader: WireReader) => unknown): void {
  const reader = new WireReader(bytes);
  while (reader.hasMore) list.push(read(reader));
}

/** Null when unset. */
function time(bytes: Buffer, format: (ms: number) => string): string | null {
  if (bytes.length === 0) return null;
  const fields = integers(bytes);
  const ms = Number(fields.get(1) ?? 0n) * 1000 + Math.floor(Number(fields.get(2) ?? 0n) / 1e6);
  // Go's zero time is the year one.
  return ms < -62_000_000_000_000 ? null : format(ms);
}

function intOrString(bytes: Buffer): number | string {
  const numbers = integers(bytes);
  return numbers.get(1) === 1n ? (slices(bytes).get(3)?.toString() ?? '') : Number(numbers.get(2) ?? 0n);
}

function json(bytes: Buffer | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return {};
  try {
    return parseExactJson(bytes.toString());
  } catch (error) {
    throw broken(`an embedded document is no JSON: ${String(error)}`);
  }
}
