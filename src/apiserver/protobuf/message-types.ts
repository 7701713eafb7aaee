import type { FieldFacts, PackageFacts, TypeFacts, TypeReference } from '#api/facts.ts';
import type { Schema } from '#api/schema.ts';

/** One field of a protobuf message, and where its value stands in JSON. */
export interface MessageField {
  readonly number: number;
  /** Name in JSON; empty for an inlined struct. */
  readonly name: string;
  readonly type: TypeReference;
  readonly form: 'value' | 'list' | 'map';
  /** Of a list's items or a map's values; otherwise the type itself. */
  readonly element: TypeReference;
  /** A message of its own, whose fields stand in the parent's JSON object. */
  readonly isInline: boolean;
  /** Unset is different from zero. */
  readonly isPointer: boolean;
  /** JSON has it also when it says nothing. */
  readonly isAlwaysWritten: boolean;
  /** A list within a message. */
  readonly isWrapped: boolean;
}

/** The protobuf messages of the fact tables. */
export class MessageTypes {
  readonly #schema: Schema;
  readonly #messages = new Map<TypeReference, readonly MessageField[] | undefined>();
  #packages: ReadonlyMap<string, PackageFacts> | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** By rising number; undefined for types that have no protobuf form. */
  of(reference: TypeReference): readonly MessageField[] | undefined {
    if (!this.#messages.has(reference)) this.#messages.set(reference, this.#load(reference));
    return this.#messages.get(reference);
  }

  #load(reference: TypeReference): readonly MessageField[] | undefined {
    const facts = this.#factsOf(reference);
    if (facts === undefined) return undefined;
    const own = Object.entries(facts.fields).flatMap(([name, field]) => fieldOf(name, field));
    const inline = (facts.inline ?? []).flatMap(({ type, proto }): readonly MessageField[] =>
      (proto === undefined ? (this.of(type) ?? []) : [{ number: proto, name: '', type, form: 'value', element: type, isInline: true, isPointer: false, isAlwaysWritten: false, isWrapped: false }]));
    const fields = [...inline, ...own].toSorted((a, b) => a.number - b.number);
    return fields.length === 0 && Object.keys(facts.fields).length > 0 ? undefined : fields;
  }

  #factsOf(reference: TypeReference): TypeFacts | undefined {
    this.#packages ??= new Map(this.#schema.packages().map((p) => [p.id, p]));
    const dot = reference.indexOf('.');
    return this.#packages.get(reference.slice(0, dot))?.types[reference.slice(dot + 1)];
  }
}

function fieldOf(name: string, { proto, type, pointer, zero, wrapped }: FieldFacts): readonly MessageField[] {
  if (proto === undefined) return [];
  return [{ number: proto, name, type, ...formOf(type, wrapped === true), isInline: false, isPointer: pointer === true, isAlwaysWritten: zero === true, isWrapped: wrapped === true }];
}

/** What a field holds once or many times. */
export function formOf(type: TypeReference, isWrapped: boolean): Pick<MessageField, 'form' | 'element'> {
  if (type.startsWith('map[]')) return { form: 'map', element: type.slice('map[]'.length) };
  return type.startsWith('[]') && !isWrapped ? { form: 'list', element: type.slice('[]'.length) } : { form: 'value', element: type };
}
