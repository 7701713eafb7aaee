import fc from 'fast-check';
import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import type { Schema } from '#api/schema.ts';
import { json, scalar } from './fuzz.ts';

const MAX_DEPTH = 5;
const MAX_FIELDS = 6;
const WORDS = ['a', 'b', 'web', 'default', 'kube-system', 'a.b/c', 'app=web', 'TCP', 'Always', '10.0.0.1', '10.96.0.10', '::1', '10.0.0.0/24', '/a', 'ClusterIP', '*', '@every 1s', '1h', 'http://a', 'a.example', 'system:masters', '\u00e9', 'A', '-'];
const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z', '9999-12-31T23:59:59Z'];
const QUANTITIES: readonly unknown[] = ['1', '100m', '1Gi', '-1', '1e3', '9223372036854775807', 0, 0.5, 1e30];
const INTEGERS = [0, 1, -1, 2, 3, 80, 8080, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31), 30_000];
const LONG_INTEGERS = [...INTEGERS, 2 ** 31, 2 ** 53, -(2 ** 62)];

const words = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() });
const SCALARS: Readonly<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  string: words, bool: fc.boolean(), int32: fc.constantFrom(...INTEGERS), int64: fc.constantFrom(...LONG_INTEGERS), double: fc.constantFrom(0, 1.5, -1e300), bytes: fc.constantFrom('', 'YQ=='),
  Time: fc.constantFrom(...TIMES), MicroTime: fc.constantFrom(...TIMES), Duration: fc.constantFrom('1s', '1h', '-1s'), Quantity: fc.constantFrom(...QUANTITIES), IntOrString: fc.oneof(fc.constantFrom(...INTEGERS), words, fc.constantFrom('50%', '0%', '101%')),
  RawExtension: json, FieldsV1: json, JSON: json, JSONSchemaPropsOrBool: fc.boolean(), JSONSchemaPropsOrArray: json, JSONSchemaPropsOrStringArray: fc.array(words),
};

/** Objects of a type as a careless client would send them: most fields have the right form, few have good values, some are anything. */
export class ObjectGenerator {
  readonly #schema: Schema;
  readonly #known = new Map<string, fc.Arbitrary<unknown>>();

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  of(reference: TypeReference, depth = 0): fc.Arbitrary<unknown> {
    const key = `${depth} ${reference}`;
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = fc.oneof({ weight: 300, arbitrary: this.#typed(reference, depth) }, { weight: 1, arbitrary: scalar }, { weight: 1, arbitrary: json })));
    return known;
  }

  #typed(reference: TypeReference, depth: number): fc.Arbitrary<unknown> {
    const shape = this.#schema.shape(reference);
    switch (shape.form) {
      case 'scalar': return SCALARS[shape.scalar];
      case 'list': return depth >= MAX_DEPTH ? fc.constant([]) : fc.array(this.of(shape.element, depth + 1), { maxLength: 3 });
      case 'map': return depth >= MAX_DEPTH ? fc.constant({}) : fc.dictionary(words, this.of(shape.element, depth + 1), { maxKeys: 3 });
      case 'struct': return depth >= MAX_DEPTH ? fc.constant({}) : this.#struct([...shape.struct.fields], depth);
    }
  }

  #struct(fields: readonly (readonly [string, FieldFacts])[], depth: number): fc.Arbitrary<unknown> {
    if (fields.length === 0) return fc.constant({});
    const required = fields.filter(([name, f]) => f.required === true || name === 'spec' || name === 'metadata');
    const asked = fc.tuple(fc.subarray(fields.filter((f) => !required.includes(f)) as (readonly [string, FieldFacts])[], { maxLength: Math.min(MAX_FIELDS, fields.length - required.length) }), fc.nat(9));
    // Now and then what is required is missing.
    return asked.chain(([some, chance]) => fc.record(Object.fromEntries([...some, ...(chance === 0 ? [] : required)].map(([name, facts]) => [name, this.#field(facts, depth)]))));
  }

  #field({ type, enum: values }: FieldFacts, depth: number): fc.Arbitrary<unknown> {
    return values === undefined ? this.of(type, depth + 1) : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: words });
  }
}
