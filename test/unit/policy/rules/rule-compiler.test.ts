import test from 'ava';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { RuleOptions } from '#api/structural/custom-schema.ts';
import { CostExceededError } from '#policy/cel/errors.ts';
import { ExpressionError } from '#policy/expression-error.ts';
import { createRuleCompiler } from '#policy/rules/rule-compiler.ts';

const compiler = createRuleCompiler();
const SCHEMA: JSONSchemaProps = {
  type: 'object', required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 10 }, replicas: { type: 'integer' }, ratio: { type: 'number' }, port: { 'x-kubernetes-int-or-string': true },
    'a-b.c/d': { type: 'string' }, namespace: { type: 'string' }, at: { type: 'string', format: 'date-time' }, wait: { type: 'string', format: 'duration' },
    tags: { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 5 } },
    ports: { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['p'], items: { type: 'object', properties: { p: { type: 'integer' }, v: { type: 'string' } } } },
    labels: { type: 'object', maxProperties: 3, additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
    many: { type: 'array', items: { type: 'array', items: { type: 'string' } } },
  },
};
const SELF = {
  name: 'web', replicas: 3, ratio: 2, port: 80, 'a-b.c/d': 'x', namespace: 'n', at: '2024-01-01T00:00:00Z', wait: '1h', tags: ['a', 'b'], ports: [{ p: 1, v: 'a' }, { p: 2, v: 'b' }], labels: { k: 'v' }, many: [],
};
const ask = (rule: string, former?: unknown, options?: RuleOptions): boolean | string => compiler.compile(rule, SCHEMA, options).evaluate(SELF, former, { remaining: 10_000_000 });

const HOLD = [
  'self.name == "web"', 'self.replicas == 3', 'self.ratio == 2.0', 'type(self.ratio) == double', 'self.port == 80 && type(self.port) == int', 'self.a__dash__b__dot__c__slash__d == "x"', 'self.__namespace__ == "n"', 'self.namespace == "n"', 'has(self.namespace)', 'self.?namespace.orValue("") == "n"',
  'self.at.getFullYear() == 2024', 'self.wait == duration("60m")', 'self.tags == ["b", "a"]', 'self.tags + ["b", "c"] == ["a", "b", "c"]', 'self.ports == self.ports + self.ports',
  'self.labels.all(k, self.labels[k] == "v")', '!has(self.free)', 'self.ports.filter(e, e.p > 1)[0].v == "b"',
];
for (const rule of HOLD) test(`${rule} holds`, (t) => t.is(ask(rule), true));

const evaluate = (rule: string, schema: JSONSchemaProps, self: unknown): boolean | string => compiler.compile(rule, schema).evaluate(self, undefined, { remaining: 10_000_000 });
for (const [rule, schema, self] of [
  ['self > 9007199254740992 && self == 9223372036854775807', { type: 'integer' }, 2n ** 63n - 1n],
  ['self == 4611686018427387904.0', { type: 'number' }, 2n ** 62n],
  ['type(self) == int && self == 4611686018427387904', { 'x-kubernetes-int-or-string': true }, 2n ** 62n],
  ['!has(self.a) && self.?a.orValue(1) == 1', { type: 'object', properties: { a: { type: 'integer', nullable: true } } }, { a: null }],
] as const) {
  test(`${rule} holds of ${String(self)}`, (t) => t.is(evaluate(rule, schema, self), true));
}

for (const [rule, schema] of [
  ['self.a == 1', { type: 'object', properties: { a: { 'x-kubernetes-preserve-unknown-fields': true } } }],
  ['self.a == 1', { type: 'object', additionalProperties: true }],
  ['self.x == 1', { 'x-kubernetes-preserve-unknown-fields': true }],
] as const) {
  test(`${rule} is refused where ${JSON.stringify(schema)} has no type`, (t) => {
    const error = t.throws(() => compiler.compile(rule, schema), { instanceOf: ExpressionError });
    t.regex(error.message, /undefined field 'a'|unable to convert structural schema to CEL declarations/);
  });
}

test('a transition rule reads the former value, and says that it needs one', (t) => {
  t.true(compiler.compile('self.replicas >= oldSelf.replicas', SCHEMA).usesOldSelf);
  t.true(ask('self.replicas >= oldSelf.replicas', { replicas: 2 }));
  t.false(ask('self.replicas >= oldSelf.replicas', { replicas: 5 }));
});

test('an optional former value lets the rule hold for creation too', (t) => {
  const rule = 'oldSelf.hasValue() ? self.replicas > oldSelf.value().replicas : self.replicas == 3';
  t.true(compiler.compile(rule, SCHEMA, { optionalOldSelf: true }).usesOldSelf);
  t.true(ask(rule, undefined, { optionalOldSelf: true }));
  t.false(ask(rule, { replicas: 3 }, { optionalOldSelf: true }));
});

test('to compare objects costs nothing, so that they can be made immutable; a text of a text has no known size', (t) => {
  const parts = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'object', properties: { c: { type: 'string' } } } } };
  for (const rule of ['self == oldSelf', 'self.b == oldSelf.b']) t.true(compiler.compile(rule, parts, { cardinality: 1_000_000 }).estimatedCost < 10_000_000);
  t.notThrows(() => compiler.compile('self == oldSelf', { type: 'object' }, { cardinality: 1_000_000 }));
  t.throws(() => compiler.compile('string(self.a) + string(self.a)', parts, { result: 'string' }), { message: /exceeds budget/ });
});

test('a message expression gives text', (t) => t.is(ask('"replicas is " + string(self.replicas)', undefined, { result: 'string' }), 'replicas is 3'));

test('the root of a resource has metadata', (t) => {
  const rule = compiler.compile('self.metadata.name == "x" && self.kind == "Foo"', { type: 'object', 'x-kubernetes-embedded-resource': true });
  t.is(rule.evaluate({ kind: 'Foo', metadata: { name: 'x' } }, undefined, { remaining: 1000 }), true);
});

const REFUSED: readonly { readonly rule: string; readonly options?: RuleOptions; readonly message: RegExp }[] = [
  { rule: 'self.nope', message: /^compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n \| self\.nope\n \| \.\.\.\.\^$/ },
  { rule: 'self.name', message: /^cel expression must evaluate to a bool$/ },
  { rule: 'self.replicas', options: { result: 'string' }, message: /^messageExpression must evaluate to a string$/ },
  { rule: 'self.free.other == ""', message: /undefined field 'other'/ },
  { rule: 'self.replicas == "3"', message: /found no matching overload for '_==_' applied to '\(int, string\)'/ },
  { rule: 'self.many.all(a, a.all(b, self.many.all(c, c.all(d, b == d))))', message: /^estimated rule cost exceeds budget by factor of more than 100x \(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared\)$/ },
];
for (const { rule, options, message } of REFUSED) test(`${rule} is refused`, (t) => void t.throws(() => compiler.compile(rule, SCHEMA, options), { instanceOf: ExpressionError, message }));

test('the estimate follows the limits of the schema', (t) => {
  const cost = (rule: string): number => compiler.compile(rule, SCHEMA).estimatedCost;
  t.is(cost('self.replicas == 3'), 3, 'two selections and a comparison');
  t.is(cost('self.tags.all(x, true)'), 2 + 1 + 5 * 3, 'five elements at most');
  t.is(cost('self.name.contains("abcde")'), 2 + 4, 'ten characters of four bytes at most');
});

test('evaluations take from the budget of the request until it is used up', (t) => {
  const rule = compiler.compile('self.replicas == 3', SCHEMA);
  const budget = { remaining: 7 };
  t.is(rule.evaluate(SELF, undefined, budget), true);
  t.is(rule.evaluate(SELF, undefined, budget), true);
  t.is(budget.remaining, 1);
  t.throws(() => rule.evaluate(SELF, undefined, budget), { instanceOf: CostExceededError, message: /running out of cost budget/ });
});

test('a value that is missing is an error of the rule', (t) => {
  t.throws(() => compiler.compile('self.replicas > 0', SCHEMA).evaluate({ name: 'x' }, undefined, { remaining: 100 }), { instanceOf: ExpressionError, message: 'no such key: replicas' });
});
