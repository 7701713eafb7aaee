import type { TypeReference } from '#api/facts.ts';
import { formOf, type MessageField, type MessageTypes } from './message-types.ts';
import { SCALAR_WRITERS, within, type ValueWriter } from './scalars.ts';
import { WireWriter } from './wire-writer.ts';

type Struct = Readonly<Record<string, unknown>>;
type FieldWriter = (out: WireWriter, object: Struct) => void;

const EMPTY: Struct = {};
const SCHEMA = 'apiextensions/v1.JSONSchemaProps';

/**
 * Turns objects into the bytes that Kubernetes' generated code writes: fields by number, pointers, lists and maps only when set, all
 * other fields always, maps by key. Each type is compiled to writers when it is first asked for.
 */
export class ProtobufEncoder {
  readonly #types: MessageTypes;
  readonly #structs = new Map<TypeReference, readonly FieldWriter[]>();
  readonly #values = new Map<TypeReference, ValueWriter>();
  readonly #out = new WireWriter();

  constructor(types: MessageTypes) {
    this.#types = types;
  }

  /** Whether a type has a protobuf form. */
  has(reference: TypeReference): boolean {
    return this.#types.of(reference) !== undefined;
  }

  /** The message of one object, without envelope. */
  encode(reference: TypeReference, object: object): Buffer {
    writeFields(this.#struct(reference), this.#out, object as Struct);
    return this.#out.take();
  }

  /** Last field first. */
  #struct(reference: TypeReference): readonly FieldWriter[] {
    const known = this.#structs.get(reference);
    if (known) return known;
    const fields = this.#types.of(reference);
    if (fields === undefined) throw new TypeError(`type ${reference} has no protobuf form`);
    const writers: FieldWriter[] = [];
    // Types refer to themselves: the list is known before it is filled.
    this.#structs.set(reference, writers);
    for (const field of fields.toReversed()) writers.push(this.#field(field));
    return writers;
  }

  #field(field: MessageField): FieldWriter {
    const { number, name, type, element } = field;
    if (field.isInline) return this.#inline(number, type);
    if (field.form === 'map') return this.#map(number, name, element);
    if (field.form === 'list') return this.#list(number, name, element);
    const writer = this.#value(type);
    const isOmitted = field.isPointer || field.isWrapped || type === 'bytes';
    return (out, object) => {
      const value = object[name] ?? undefined;
      if (value === undefined && isOmitted) return;
      writer.write(out, value);
      out.tag(number, writer.wire);
    };
  }

  #inline(number: number, type: TypeReference): FieldWriter {
    const fields = this.#struct(type);
    return (out, object) => {
      within(out, () => writeFields(fields, out, object));
      out.tag(number, 2);
    };
  }

  #list(number: number, name: string, type: TypeReference): FieldWriter {
    const writer = this.#value(type);
    return (out, object) => {
      const list = object[name] as readonly unknown[] | null | undefined;
      for (let i = (list?.length ?? 0) - 1; i >= 0; i--) {
        writer.write(out, list?.[i] ?? undefined);
        out.tag(number, writer.wire);
      }
    };
  }

  #map(number: number, name: string, type: TypeReference): FieldWriter {
    const writer = this.#value(type);
    return (out, object) => {
      const map = (object[name] ?? EMPTY) as Struct;
      const keys = Object.keys(map).sort();
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] ?? '';
        const end = out.length;
        writer.write(out, map[key] ?? undefined);
        out.tag(2, writer.wire);
        out.string(key);
        out.tag(1, 2);
        out.varint(out.length - end);
        out.tag(number, 2);
      }
    };
  }

  #value(type: TypeReference): ValueWriter {
    const known = (SCALAR_WRITERS as Readonly<Record<string, ValueWriter | undefined>>)[type] ?? this.#values.get(type);
    if (known) return known;
    const made: ValueWriter = { wire: 2, write: this.#messageWriter(type) };
    this.#values.set(type, made);
    return made;
  }

  #messageWriter(type: TypeReference): ValueWriter['write'] {
    switch (type) {
      case 'JSONSchemaPropsOrBool': return this.#either(type, (value) => (typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value }));
      case 'JSONSchemaPropsOrArray': return this.#either(type, (value) => (Array.isArray(value) ? { schemas: value } : { schema: value }));
      case 'JSONSchemaPropsOrStringArray': return this.#either(type, (value) => (Array.isArray(value) ? { property: value } : { schema: value }));
      default: return type.startsWith('[]') ? this.#wrapped(type.slice('[]'.length)) : this.#nested(type);
    }
  }

  #nested(type: TypeReference): ValueWriter['write'] {
    let fields: readonly FieldWriter[] | undefined;
    return (out, value) => {
      fields ??= this.#struct(type);
      const end = out.length;
      writeFields(fields, out, (value ?? EMPTY) as Struct);
      out.varint(out.length - end);
    };
  }

  /** A list as a message: the items are field 1. */
  #wrapped(type: TypeReference): ValueWriter['write'] {
    const list = this.#list(1, 'items', type);
    return (out, value) => within(out, () => list(out, { items: value }));
  }

  /** The schema types that JSON writes as a schema or as something else: a message with one field for each form. */
  #either(type: string, parts: (value: unknown) => Struct): ValueWriter['write'] {
    const field = (number: number, name: string, of: TypeReference): FieldWriter =>
      this.#field({ number, name, type: of, ...formOf(of, false), isInline: false, isPointer: name === 'schema', isAlwaysWritten: false, isWrapped: false });
    let fields: readonly FieldWriter[] | undefined;
    return (out, value) => {
      fields ??= type === 'JSONSchemaPropsOrBool' ? [field(2, 'schema', SCHEMA), field(1, 'allows', 'bool')]
        : type === 'JSONSchemaPropsOrArray' ? [field(2, 'schemas', `[]${SCHEMA}`), field(1, 'schema', SCHEMA)]
          : [field(2, 'property', '[]string'), field(1, 'schema', SCHEMA)];
      const writers = fields;
      within(out, () => writeFields(writers, out, parts(value)));
    };
  }
}

function writeFields(fields: readonly FieldWriter[], out: WireWriter, object: Struct): void {
  for (const write of fields) write(out, object);
}
