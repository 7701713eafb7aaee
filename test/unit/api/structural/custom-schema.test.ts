import test from 'ava';
import fc from 'fast-check';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { exactInteger } from '#api/exact-json.ts';
import type { KubeObject } from '#api/object.ts';
import { loadSchema } from '#api/schema.ts';
import { compileCustomSchema } from '#api/structural/compile.ts';
import type { CompiledRule, CustomSchema, RuleCompiler } from '#api/structural/custom-schema.ts';

const facts = loadSchema();
/** Rules are JavaScript here; the real ones are CEL. */
const rules: RuleCompiler = {
  compile(rule) {
    // oxlint-disable-next-line no-new-func
    const run = new Function('self', 'oldSelf', `return ${rule}`) as (self: unknown, oldSelf: unknown) => boolean | string;
    return { usesOldSelf: rule.includes('oldSelf'), estimatedCost: 1, evaluate: (self, oldSelf) => run(self, oldSelf) } satisfies CompiledRule;
  },
};
const compile = (spec: JSONSchemaProps, more: JSONSchemaProps = {}, compiler = rules): CustomSchema =>
  compileCustomSchema({ schema: { type: 'object', ...more, properties: { spec, ...more.properties } }, preserveUnknownFields: false, rules: compiler, facts });
const thing = (spec: unknown, metadata: object = {}): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, spec } as unknown as KubeObject);
const specOf = (object: KubeObject): unknown => (object as KubeObject & { spec: unknown }).spec;
const object = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'object', properties, ...more });
const text: JSONSchemaProps = { type: 'string' };
const list = (items: JSONSchemaProps, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: 'array', items, ...more });

const pruned: readonly (readonly [string, JSONSchemaProps, unknown, unknown, readonly string[]])[] = [
  ['unknown members go, nested and in lists', object({ a: text, l: list(object({ x: text })) }), { a: '1', b: 2, l: [{ x: '1', y: 2 }, { z: 1 }] }, { a: '1', l: [{ x: '1' }, {}] }, ['spec.b', 'spec.l[0].y', 'spec.l[1].z']],
  ['members of a map stay', { type: 'object', additionalProperties: object({ x: text }) }, { k: { x: '1', y: 1 } }, { k: { x: '1' } }, ['spec.k.y']],
  ['what is preserved stays but for what has a schema', object({ p: object({ known: object({ x: text }) }, { 'x-kubernetes-preserve-unknown-fields': true }) }), { p: { any: { q: 1 }, known: { x: '1', y: 1 } } }, { p: { any: { q: 1 }, known: { x: '1' } } }, ['spec.p.known.y']],
  ['a null that may not be goes', object({ a: text, n: { type: 'string', nullable: true } }), { a: null, n: null }, { n: null }, []],
  ['a null with a default stays for it', object({ a: { type: 'string', default: 'x' } }), { a: null }, { a: null }, []],
  ['metadata of embedded objects in a map is named by its key', { type: 'object', additionalProperties: object({ spec: text }, { 'x-kubernetes-embedded-resource': true }) }, { k: { metadata: { wrong: 1 } }, l: { metadata: null } }, { k: { metadata: {} }, l: { metadata: {} } }, ['spec[k].metadata.wrong']],
  ['an embedded object keeps its metadata, in its form', object({ t: object({ spec: text }, { 'x-kubernetes-embedded-resource': true }) }), { t: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', wrong: 1 }, other: 1 } }, { t: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } }, ['spec.t.other', 'spec.t.metadata.wrong']],
];
for (const [name, schema, before, after, unknown] of pruned) {
  test(`pruning: ${name}`, (t) => {
    const result = compile(schema).prune(thing(before));
    t.deepEqual(specOf(result.object), after);
    t.deepEqual(result.unknown, unknown);
  });
}

test('nothing to prune gives the object itself', (t) => {
  const whole = thing({ a: '1' });
  t.is(compile(object({ a: text })).prune(whole).object, whole);
});

test('defaults fill what is absent, or null where null may not be', (t) => {
  const schema = compile(object({
    a: { type: 'string', default: 'x' }, n: { type: 'string', nullable: true, default: 'x' }, o: object({ b: { type: 'integer', default: 1 } }), d: object({ c: { type: 'integer', default: 2 } }, { default: {} }),
    l: list(object({ b: { type: 'boolean', default: true } })), m: { type: 'object', additionalProperties: object({ b: { type: 'boolean', default: false } }) },
  }));
  t.deepEqual(specOf(schema.applyDefaults(thing({ a: null, n: null, l: [{}], m: { k: {} } }))), { a: 'x', n: null, d: { c: 2 }, l: [{ b: true }], m: { k: { b: false } } });
  const full = schema.applyDefaults(thing({ o: {} }));
  t.is(schema.applyDefaults(full), full);
});

const words = (schema: CustomSchema, next: KubeObject, live?: KubeObject): readonly string[] => schema.validate(next, live).map((c) => `${c.field}: ${c.message}`);
const refused: readonly (readonly [JSONSchemaProps, unknown, readonly string[]])[] = [
  [object({ foo: { type: 'integer' } }), { foo: 'x' }, ['spec.foo: Invalid value: "string": spec.foo in body must be of type integer: "string"']],
  [object({ foo: text }), { foo: null }, ['spec.foo: Invalid value: "null": spec.foo in body must be of type string: "null"']],
  [object({ foo: { type: 'integer', format: 'int32' } }), { foo: true }, ['spec.foo: Invalid value: "": spec.foo in body must be of type int32: ""']],
  [object({}, { required: ['foo'] }), {}, ['spec.foo: Required value']],
  [object({ foo: { type: 'string', enum: ['a', 'b'] } }), { foo: 'c' }, ['spec.foo: Unsupported value: "c": supported values: "a", "b"']],
  [object({ foo: { type: 'integer', enum: [1, 2] } }), { foo: 3 }, ['spec.foo: Unsupported value: 3: supported values: "1", "2"']],
  [object({ foo: { type: 'integer', maximum: 3 } }), { foo: 4 }, ['spec.foo: Invalid value: 4: spec.foo in body should be less than or equal to 3']],
  [object({ foo: { type: 'number', minimum: 1.5, exclusiveMinimum: true } }), { foo: 1.5 }, ['spec.foo: Invalid value: 1.5: spec.foo in body should be greater than 1.5']],
  [object({ foo: { type: 'integer', multipleOf: 5 } }), { foo: 7 }, ['spec.foo: Invalid value: 7: spec.foo in body should be a multiple of 5']],
  [object({ foo: { type: 'integer' } }), { foo: 2.5 }, ['spec.foo: Invalid value: "number": spec.foo in body must be of type integer: "number"', '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.foo']],
  [object({ foo: { type: 'integer', minimum: 0 } }), { foo: 2 ** 63 }, ['spec.foo: Invalid value: "number": spec.foo in body must be of type integer: "number"', '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.foo']],
  [object({ foo: { type: 'integer', format: 'int32' } }), { foo: 2 ** 31 }, ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.foo']],
  [object({ foo: { type: 'integer', format: 'int32' } }), { foo: 2n ** 62n }, ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.foo']],
  [object({ foo: { type: 'number', format: 'float' } }), { foo: 3.5e38 }, ['<nil>: Invalid value: "": Checked value must be of type number with format float in spec.foo']],
  [object({ foo: { type: 'integer', maximum: 5 } }), { foo: exactInteger(2n ** 62n) }, ['spec.foo: Invalid value: 4611686018427387904: spec.foo in body should be less than or equal to 5']],
  [object({ foo: { type: 'integer', maximum: 2.5 } }), { foo: 3 }, ['<nil>: Invalid value: "": Maximum boundary value must be of type integer (default format) in spec.foo', 'spec.foo: Invalid value: 3: spec.foo in body should be less than or equal to 2.5']],
  [object({ foo: { type: 'number', maximum: 2.5 } }), { foo: 3 }, ['spec.foo: Invalid value: 3: spec.foo in body should be less than or equal to 2']],
  [object({ foo: { type: 'number', maximum: 1e6 } }), { foo: 1234567.5 }, ['spec.foo: Invalid value: 1.2345675e+06: spec.foo in body should be less than or equal to 1e+06']],
  [object({ foo: { type: 'number', multipleOf: 0.1 } }), { foo: 1 }, ['spec.foo: Invalid value: 0: factor MultipleOf declared for spec.foo must be positive: 0']],
  [object({ foo: { type: 'number', multipleOf: 0.1 } }), { foo: 0.25 }, ['spec.foo: Invalid value: 0.25: spec.foo in body should be a multiple of 0.1']],
  [{ type: 'object', maxProperties: 0, additionalProperties: { type: 'integer' } }, { foo: 'a' }, ['spec: Too many: 1: must have at most 0 items', 'spec.foo: Invalid value: "string": spec.foo in body must be of type integer: "string"']],
  [object({ foo: { type: 'string', maxLength: 2 } }), { foo: 'abc' }, ['spec.foo: Too long: may not be more than 2 bytes']],
  [object({ foo: { type: 'string', minLength: 2 } }), { foo: 'a' }, ['spec.foo: Invalid value: "a": spec.foo in body should be at least 2 chars long']],
  [object({ foo: { type: 'string', pattern: '^a+$' } }), { foo: 'b' }, ["spec.foo: Invalid value: \"b\": spec.foo in body should match '^a+$'"]],
  [object({ foo: { type: 'string', format: 'date-time' } }), { foo: 'b' }, ['spec.foo: Invalid value: "b": spec.foo in body must be of type date-time: "b"']],
  [object({ foo: list(text, { maxItems: 1 }) }), { foo: ['a', 'b'] }, ['spec.foo: Too many: 2: must have at most 1 item']],
  [object({ foo: list(text, { minItems: 1 }) }), { foo: [] }, ['spec.foo: Invalid value: 0: spec.foo in body should have at least 1 items']],
  [object({ foo: list(text) }), { foo: ['a', 1] }, ['spec.foo[1]: Invalid value: "integer": spec.foo[1] in body must be of type string: "integer"']],
  [object({ foo: { 'x-kubernetes-int-or-string': true } }), { foo: true }, ['spec.foo: Invalid value: "boolean": spec.foo in body must be of type integer,string: "boolean"']],
  [object({ foo: list(text, { 'x-kubernetes-list-type': 'set' }) }), { foo: ['a', 'a', 'a'] }, ['spec.foo[1]: Duplicate value: "a"']],
  [object({ foo: list(object({ name: text }), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }) }), { foo: [{ name: 'a' }, { name: 'a' }] }, ['spec.foo[1]: Duplicate value: {"name":"a"}']],
  [object({ a: text, b: text }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }), { a: '1', b: '2' }, ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
  [object({ a: text }, { anyOf: [{ required: ['a'] }] }), {}, ['<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)', 'spec.a: Required value']],
  [object({ a: text }, { not: { required: ['a'] } }), { a: '' }, ['<nil>: Invalid value: "": "spec" must not validate the schema (not)']],
  [object({ a: text }, { allOf: [{ required: ['a'] }] }), {}, ['spec.a: Required value', '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated']],
  [object({ t: object({ spec: text }, { 'x-kubernetes-embedded-resource': true }) }), { t: { kind: 'Pod', metadata: { labels: { 'a b': '' } } } }, ['spec.t.apiVersion: Required value', "spec.t.metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"]],
];
for (const [i, [schema, spec, expected]] of refused.entries()) test(`refused ${i}: ${expected[0]}`, (t) => t.deepEqual(words(compile(schema), thing(spec)), expected));

test('of a status alone texts name fields from the status on, and objects within are not looked at', (t) => {
  const status = object({ a: { type: 'string', maxLength: 1 }, b: text, t: object({ spec: text }, { 'x-kubernetes-embedded-resource': true }), l: list(text, { 'x-kubernetes-list-type': 'set' }) });
  const schema = compile(object({ a: text }, { required: ['a'] }), { properties: { status } });
  const of = (value: unknown) => ({ ...thing({}), status: value }) as KubeObject;
  const told = (next: unknown, live: unknown = {}) => schema.validateStatus(of(next), of(live)).map((c) => `${c.field}: ${c.message}`);
  t.deepEqual(told({ b: 1 }), ['status.b: Invalid value: "integer": b in body must be of type string: "integer"']);
  t.deepEqual(told('x'), ['status: Invalid value: "string":  in body must be of type object: "string"']);
  t.deepEqual(told({ t: {}, l: ['x', 'x'] }), ['status.l[1]: Duplicate value: "x"']);
  t.deepEqual(told({ a: 'long', b: 'x' }, { a: 'long' }), []);
  t.deepEqual(schema.validateStatus(thing({}), thing({})), []);
});

const accepted: readonly (readonly [JSONSchemaProps, unknown])[] = [
  [{ type: 'integer' }, 2n ** 63n - 1n], [{ type: 'integer', format: 'int64', minimum: -5 }, 2n ** 62n], [{ type: 'number', format: 'float' }, 2n ** 62n], [{ 'x-kubernetes-int-or-string': true }, 2n ** 62n],
  [{ type: 'number', enum: [1, 2] }, 2.5], [{ type: 'number', multipleOf: 0.1 }, 0.3], [{ type: 'integer', multipleOf: 2 }, 2n ** 62n],
];
for (const [schema, value] of accepted) test(`accepted: ${JSON.stringify(schema)} has ${String(value)}`, (t) => t.deepEqual(words(compile(object({ foo: schema })), thing({ foo: value })), []));

test('what was wrong before and has not changed is let through', (t) => {
  const schema = compile(object({ a: { type: 'string', maxLength: 1 }, b: text, l: list(object({ n: text, v: { type: 'integer', maximum: 1 } }), { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] }) }));
  const live = thing({ a: 'long', b: '1', l: [{ n: 'x', v: 9 }] });
  t.deepEqual(words(schema, thing({ a: 'long', b: '2', l: [{ n: 'y', v: 1 }, { n: 'x', v: 9 }] }), live), []);
  t.deepEqual(words(schema, thing({ a: 'other', b: '1' }), live), ['spec.a: Too long: may not be more than 1 byte']);
});

const withRules = (...of: NonNullable<JSONSchemaProps['x-kubernetes-validations']>): CustomSchema => compile(object({ n: { type: 'integer' }, l: list({ type: 'integer' }) }, { 'x-kubernetes-validations': of }));
test('rules are asked, and say what their author wrote', (t) => {
  t.deepEqual(words(withRules({ rule: 'self.n > 1' }), thing({ n: 1 })), ['spec: Invalid value: failed rule: self.n > 1']);
  t.deepEqual(words(withRules({ rule: 'self.n > 1', message: 'too small', fieldPath: '.n', reason: 'FieldValueForbidden' }), thing({ n: 1 })), ['spec.n: Forbidden: too small']);
  t.deepEqual(words(withRules({ rule: 'self.n > 1', messageExpression: '"n is " + self.n' }), thing({ n: 1 })), ['spec: Invalid value: n is 1']);
  t.deepEqual(words(withRules({ rule: 'self.n > 1', messageExpression: '" "', message: 'plain' }), thing({ n: 1 })), ['spec: Invalid value: plain']);
});

test('transition rules are asked of changes only', (t) => {
  const schema = withRules({ rule: 'self.n >= oldSelf.n', message: 'may not shrink' });
  t.deepEqual(words(schema, thing({ n: 1 })), []);
  t.deepEqual(words(schema, thing({ n: 1 }), thing({ n: 2 })), ['spec: Invalid value: may not shrink']);
  const optional = withRules({ rule: 'oldSelf !== undefined', optionalOldSelf: true, message: 'no' });
  t.deepEqual(words(optional, thing({ n: 1 })), ['spec: Invalid value: no']);
});

test('of what breaks a rule and has not changed the writer is told', (t) => {
  const schema = withRules({ rule: 'self.n > 1' }, { rule: 'self.n > 2', fieldPath: '.n', reason: 'FieldValueForbidden', message: 'no' }, { rule: 'self.n !== oldSelf.n || self.n === 1' });
  const told: string[] = [];
  t.deepEqual(schema.validate({ ...thing({ n: 1 }), metadata: { name: 'a', labels: { x: 'y' } } }, thing({ n: 1 }), (text) => told.push(text)), []);
  t.deepEqual(told, ['spec: Invalid value: failed rule: self.n > 1', 'spec.n: Forbidden: no']);
});

test('rules are not asked of values of the wrong type, nor reported for what has not changed', (t) => {
  const schema = withRules({ rule: 'self.n > 1' });
  t.deepEqual(words(schema, thing({ n: 'x' })).slice(1), ['<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation']);
  t.deepEqual(words(schema, { ...thing({ n: 1 }), metadata: { name: 'a', labels: { x: 'y' } } }, thing({ n: 1 })), []);
});

for (const [scope, told] of [
  ['budget', 'validation failed due to running out of cost budget, no further validation rules will be run'],
  ['call', "'cost': no further validation rules will be run due to call cost exceeds limit for rule: a"],
]) {
  test(`when a rule exceeds its ${scope} no further rule is asked`, (t) => {
    const exceeded = Object.assign(new Error('cost'), { code: 'cel-cost', data: { scope } });
    const costly: RuleCompiler = { compile: () => ({ usesOldSelf: false, estimatedCost: 1, evaluate: () => { throw exceeded; } }) };
    const schema = compile(object({ n: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'a' }, { rule: 'b' }] }), {}, costly);
    t.deepEqual(words(schema, thing({ n: 1 })), [`spec: Invalid value: "object": ${told}`]);
  });
}

const anySchema = fc.letrec<{ schema: JSONSchemaProps }>((tie) => ({
  schema: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JSONSchemaProps>({ type: 'string' }, { type: 'integer', default: 3 }, { type: 'string', nullable: true, default: 'x' }, { 'x-kubernetes-preserve-unknown-fields': true }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')).map((properties) => object(properties)),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('schema')).map((properties) => object(properties, { default: {} })),
    tie('schema').map((items) => list(items)),
    tie('schema').map((additionalProperties): JSONSchemaProps => ({ type: 'object', additionalProperties })),
  ),
})).schema;
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constantFrom(null, 'x', 1), fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value')), fc.array(tie('value'), { maxLength: 3 })),
})).value;

test('for any schema and value: pruning and defaulting twice change nothing more, and arguments stay as they are', (t) => {
  fc.assert(fc.property(anySchema, anyValue, (schema, value) => {
    const custom = compile(schema);
    const before = JSON.stringify(value);
    const once = custom.prune(thing(value)).object;
    const filled = custom.applyDefaults(once);
    return JSON.stringify(value) === before && custom.prune(once).object === once && custom.applyDefaults(filled) === filled;
  }));
  t.pass();
});

test('for any schema and value: what has not changed is let through, and a change of metadata is no change of the rest', (t) => {
  fc.assert(fc.property(anySchema, anyValue, (schema, value) => {
    const custom = compile(schema);
    const live = thing(value);
    return custom.validate(live, thing(value)).length === 0 && custom.validate(thing(value, { labels: { a: 'b' } }), live).length === 0;
  }));
  t.pass();
});
