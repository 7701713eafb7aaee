import type { DescriptionReader } from '#api/descriptions.ts';
import type { TypeReference } from '#api/facts.ts';
import type { Schema } from '#api/schema.ts';
import type { Parameter } from './route.ts';

const TYPES: Readonly<Partial<Record<TypeReference, Parameter['type']>>> = { string: 'string', bool: 'boolean', int32: 'integer', int64: 'integer' };

/** Turns types of options, as `meta/v1.ListOptions`, into parameters of queries: a parameter for each field that is a plain value, or several of them. */
export class OptionParameters {
  readonly #schema: Schema;
  readonly #descriptions: DescriptionReader;
  readonly #known = new Map<TypeReference, readonly Parameter[]>();

  constructor(options: { readonly schema: Schema; readonly descriptions: DescriptionReader }) {
    this.#schema = options.schema;
    this.#descriptions = options.descriptions;
  }

  of(reference: TypeReference): readonly Parameter[] {
    let known = this.#known.get(reference);
    if (known === undefined) this.#known.set(reference, (known = this.#read(reference)));
    return known;
  }

  #read(reference: TypeReference): readonly Parameter[] {
    const { fields = {} } = this.#descriptions.of(reference);
    return [...(this.#schema.type(reference)?.fields ?? [])].flatMap(([name, field]) => {
      const type = TYPES[field.type.replace(/^\[\]/, '')];
      return type === undefined ? [] : [{ name, in: 'query', type, description: fields[name] ?? '' }];
    });
  }
}
