import { parseExactJson } from '#api/exact-json.ts';
import type { TypeReference } from '#api/facts.ts';
import { MAGIC } from './envelope.ts';
import type { KindTypes } from './kind-types.ts';
import type { MessageField, MessageTypes } from './message-types.ts';
import { broken, WireReader } from './wire.ts';
import { duration, first, intOrString, slices, time, WIRE_BYTES } from './well-known.ts';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

const NO_KIND: Kind = { apiVersion: '', kind: '' };
const SCHEMA = 'apiextensions/v1.JSONSchemaProps';

/** Turns `application/vnd.kubernetes.protobuf` into the JSON value of the same object, by the field numbers of the fact tables. */
export class ProtobufDecoder {
  readonly #types: MessageTypes;
  readonly #kinds: Pick<KindTypes, 'of'>;
  readonly #fields = new Map<TypeReference, ReadonlyMap<number, MessageField> | undefined>();

  constructor(options: { readonly types: MessageTypes; readonly kinds: Pick<KindTypes, 'of'> }) {
    this.#types = options.types;
    this.#kinds = options.kinds;
  }

  /**
   * @param wanted what the object is when it does not say it itself
   * @throws StatusError BadRequest
   */
  decode(bytes: Buffer, wanted: Kind = NO_KIND): unknown {
    const fault = envelopeFault(bytes);
    if (fault !== undefined) throw broken(fault);
    const { raw, ...said } = envelope(bytes.subarray(MAGIC.length));
    const { apiVersion, kind } = { apiVersion: said.apiVersion || wanted.apiVersion, kind: said.kind || wanted.kind };
    const reference = this.#kinds.of(apiVersion, kind);
    if (reference === undefined || this.#fieldsOf(reference) === undefined) throw broken(`kind ${kind} of ${apiVersion} is not known`);
    return { apiVersion, kind, ...this.#struct(reference, new WireReader(raw)) };
  }

  #struct(reference: TypeReference, reader: WireReader): Record<string, unknown> {
    const fields = this.#fieldsOf(reference);
    if (fields === undefined) throw broken(`type ${reference} is not known`);
    const result: Record<string, unknown> = {};
    while (reader.next()) {
      const field = fields.get(reader.field);
      if (field === undefined) reader.skip(reader.wire);
      else if (field.isInline) Object.assign(result, this.#struct(field.type, reader.message()));
      else this.#read(result, field, reader, reader.wire);
    }
    return result;
  }

  #read(result: Record<string, unknown>, field: MessageField, reader: WireReader, wire: number): void {
    const { name, type, form, element } = field;
    if (form === 'map') {
      const entry = this.#mapEntry(element, reader.message());
      const map = (result[name] ??= {}) as Record<string, unknown>;
      Object.defineProperty(map, entry.key, { value: entry.value, enumerable: true, configurable: true, writable: true });
    } else if (form === 'list') {
      const list = (result[name] ??= []) as unknown[];
      if (wire === WIRE_BYTES && isNumeric(element)) readPacked(list, reader.bytes(), (r) => this.#value(element, r));
      else list.push(this.#value(element, reader));
    } else {
      const value = this.#value(type, reader);
      if (value !== undefined && !isUnset(field, value)) result[name] = value;
    }
  }

  #mapEntry(type: TypeReference, reader: WireReader): { readonly key: string; readonly value: unknown } {
    let key = '';
    let value: unknown;
    while (reader.next()) {
      if (reader.field === 1) key = reader.string();
      else if (reader.field === 2) value = this.#value(type, reader);
      else reader.skip(reader.wire);
    }
    return { key, value: value ?? (type === 'Time' ? null : type === 'string' || type === 'bytes' ? '' : type.startsWith('[]') ? [] : {}) };
  }

  /** Undefined for times that are not set. */
  #value(type: TypeReference, reader: WireReader): unknown {
    switch (type) {
      case 'string': return reader.string();
      case 'bool': return reader.varint() !== 0;
      case 'int32': case 'int64': return reader.signed();
      case 'double': return reader.double();
      case 'bytes': return reader.bytes().toString('base64');
      case 'Time': return time(reader.bytes(), 0);
      case 'MicroTime': return time(reader.bytes(), 6);
      case 'Duration': return duration(reader.bytes());
      case 'Quantity': return first(reader.message())?.toString() ?? '0';
      case 'IntOrString': return intOrString(reader.bytes());
      case 'FieldsV1': case 'RawExtension': case 'JSON': return this.#embedded(first(reader.message()));
      case 'JSONSchemaPropsOrBool': case 'JSONSchemaPropsOrArray': case 'JSONSchemaPropsOrStringArray': return this.#either(type, reader.message());
      default: return type.startsWith('[]') ? this.#list(type.slice('[]'.length), reader.message()) : this.#struct(type, reader.message());
    }
  }

  /** A list as a message: the items are field 1. */
  #list(type: TypeReference, reader: WireReader): unknown[] {
    const items: unknown[] = [];
    while (reader.next()) {
      if (reader.field === 1) items.push(this.#value(type, reader));
      else reader.skip(reader.wire);
    }
    return items;
  }

  /** A document within the object: JSON, or an object in an envelope of its own. */
  #embedded(bytes: Buffer | undefined): unknown {
    if (bytes === undefined || bytes.length === 0) return {};
    if (isEnclosed(bytes)) return this.decode(bytes);
    try {
      return parseExactJson(bytes.toString());
    } catch (error) {
      throw broken(`an embedded document is no JSON: ${String(error)}`);
    }
  }

  /** A schema, or what stands for one: field 1 `allows` and 2 the schema, or field 1 the schema and 2 the list. */
  #either(type: string, reader: WireReader): unknown {
    const list: unknown[] = [];
    let schema: unknown;
    let isAllowed = false;
    while (reader.next()) {
      if (reader.wire !== WIRE_BYTES) isAllowed = reader.varint() !== 0;
      else if (reader.field === (type === 'JSONSchemaPropsOrBool' ? 2 : 1)) schema = this.#struct(SCHEMA, reader.message());
      else list.push(this.#value(type === 'JSONSchemaPropsOrArray' ? SCHEMA : 'string', reader));
    }
    return schema ?? (type === 'JSONSchemaPropsOrBool' ? isAllowed : list);
  }

  #fieldsOf(reference: TypeReference): ReadonlyMap<number, MessageField> | undefined {
    if (!this.#fields.has(reference)) {
      const fields = this.#types.of(reference);
      this.#fields.set(reference, fields && new Map(fields.map((field) => [field.number, field])));
    }
    return this.#fields.get(reference);
  }
}

/** Go writes the zero value of everything that is no pointer; what JSON would leave out says nothing then. */
function isUnset({ isPointer, isAlwaysWritten }: MessageField, value: unknown): boolean {
  if (isPointer || isAlwaysWritten) return false;
  if (typeof value === 'object') return value !== null && Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

/** Why nothing can be made of the bytes, in Kubernetes' words; undefined when there is an object in them. */
export function envelopeFault(bytes: Buffer): string | undefined {
  if (!isEnclosed(bytes)) return `provided data does not appear to be a protobuf message, expected prefix [${[...MAGIC].join(' ')}]`;
  return bytes.length === MAGIC.length ? 'empty body' : undefined;
}

const isEnclosed = (bytes: Buffer): boolean => bytes.subarray(0, MAGIC.length).equals(MAGIC);

/** `runtime.Unknown`: 1 is the TypeMeta (1 apiVersion, 2 kind), 2 the object's own bytes. */
function envelope(bytes: Buffer): { readonly apiVersion: string; readonly kind: string; readonly raw: Buffer } {
  const fields = slices(bytes);
  const type = slices(fields.get(1) ?? Buffer.alloc(0));
  return { apiVersion: type.get(1)?.toString() ?? '', kind: type.get(2)?.toString() ?? '', raw: fields.get(2) ?? Buffer.alloc(0) };
}

const isNumeric = (type: TypeReference): boolean => type === 'int32' || type === 'int64' || type === 'bool' || type === 'double';

function readPacked(list: unknown[], bytes: Buffer, read: (reader: WireReader) => unknown): void {
  const reader = new WireReader(bytes);
  while (reader.hasMore) list.push(read(reader));
}
