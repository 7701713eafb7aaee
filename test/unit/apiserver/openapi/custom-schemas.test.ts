import test from 'ava';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { DescriptionReader } from '#api/descriptions.ts';
import { customSchemas } from '#apiserver/openapi/custom-schemas.ts';
import { customType } from '#test/support/custom-type.ts';

const published = (schema: JSONSchemaProps, isV2: boolean): Record<string, Record<string, unknown>> =>
  customSchemas(customType({ schema }), { prefix: '#/x/', isV2, descriptions: new DescriptionReader() }) as Record<string, Record<string, unknown>>;
const propertyOf = (property: JSONSchemaProps, isV2: boolean): unknown =>
  (published({ type: 'object', properties: { it: property } }, isV2)['com.example.stable.v1.CronTab']?.['properties'] as Record<string, unknown> | undefined)?.['it'];

test('a kind and its list are named by the group turned round, and carry their type', (t) => {
  const { 'com.example.stable.v1.CronTab': kind, 'com.example.stable.v1.CronTabList': list } = published({ type: 'object', description: 'A table', properties: { spec: { type: 'object' } } }, false);
  t.like(kind, { description: 'A table', properties: { metadata: { allOf: [{ $ref: '#/x/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] }, spec: { type: 'object' } } } as object);
  t.deepEqual(kind?.['x-kubernetes-group-version-kind'], [{ group: 'stable.example.com', version: 'v1', kind: 'CronTab' }]);
  t.deepEqual(kind?.['x-kubernetes-selectable-fields'], [{ fieldPath: 'spec.color' }]);
  t.like(list, { required: ['items'], properties: { items: { items: { $ref: '#/x/com.example.stable.v1.CronTab' } } } } as object);
});

test('a root that keeps unknown fields has no properties in v2, or clients would refuse all others', (t) => {
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { spec: { type: 'object' } } };
  t.deepEqual(Object.keys(published(schema, true)['com.example.stable.v1.CronTab'] ?? {}), ['type', 'x-kubernetes-group-version-kind', 'x-kubernetes-selectable-fields']);
  t.truthy(published(schema, false)['com.example.stable.v1.CronTab']?.['properties']);
});

const CASES: readonly { readonly title: string; readonly given: JSONSchemaProps; readonly v2: object; readonly v3?: object }[] = [
  { title: 'defaults are for v3', given: { type: 'string', default: 'a' }, v2: { type: 'string' } },
  { title: 'junctors are for v3', given: { type: 'string', anyOf: [{ pattern: 'a' }], not: { pattern: 'b' } }, v2: { type: 'string' } },
  { title: 'what may be null has no type in v2', given: { type: 'object', nullable: true, properties: { a: { type: 'string' } } }, v2: {} },
  { title: 'what may be null is not required in v2', given: { type: 'object', required: ['a', 'b'], properties: { a: { type: 'string', nullable: true }, b: { type: 'string' } } }, v2: { type: 'object', required: ['b'], properties: { a: {}, b: { type: 'string' } } } },
  { title: 'a part that keeps unknown fields has neither type nor properties in v2', given: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } }, v2: { 'x-kubernetes-preserve-unknown-fields': true } },
  { title: 'integers or strings are named as both in v3', given: { 'x-kubernetes-int-or-string': true }, v2: { 'x-kubernetes-int-or-string': true }, v3: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } },
  { title: 'integers or strings that allOf names first are not named again', given: { 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: '^1' }] }, v2: { 'x-kubernetes-int-or-string': true } },
  {
    title: 'integers or strings are named before what else a value must be', given: { 'x-kubernetes-int-or-string': true, anyOf: [{ pattern: '^1' }], allOf: [{ pattern: '^2' }] }, v2: { 'x-kubernetes-int-or-string': true },
    v3: { 'x-kubernetes-int-or-string': true, anyOf: [{ pattern: '^1' }], allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: '^2' }] },
  },
];
for (const { title, given, v2, v3 } of CASES) {
  test(title, (t) => {
    t.deepEqual(propertyOf(given, true), v2);
    t.deepEqual(propertyOf(given, false), v3 ?? given);
  });
}

test('an embedded object has its type and metadata', (t) => {
  t.like(propertyOf({ type: 'object', 'x-kubernetes-embedded-resource': true }, true), { required: ['kind', 'apiVersion'], properties: { kind: { type: 'string', description: 'kind is a string value representing the type of this object. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds' }, metadata: { $ref: '#/x/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } } } as object);
});
