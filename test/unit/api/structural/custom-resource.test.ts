import test from 'ava';
import { applyServerSide, trackUpdate } from '#api/apply/managed-fields.ts';
import { decodeObject } from '#api/decode.ts';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { CustomFacts, ResourceType } from '#api/resource-type.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { fieldPredicate } from '#api/selectors/fields.ts';
import { compileCustomSchema } from '#api/structural/compile.ts';
import { StatusError } from '#api/status-error.ts';
import { validateCreate } from '#api/validation/index.ts';
import { finalizerWarnings } from '#api/validation/object-meta.ts';
import { tableColumns, tableRow } from '#api/table/index.ts';

const facts = loadSchema();
const T0 = '2026-01-01T00:00:00Z';
const SCHEMA: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        color: { type: 'string' }, size: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' }, plain: { type: 'array', items: { type: 'string' } },
        ports: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, port: { type: 'integer' } } }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
        held: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { metadata: { type: 'object' } } },
        atom: { type: 'object', additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};
const things = (more: Partial<CustomFacts> = {}): ResourceType => ({
  group: 'example.com', version: 'v1', kind: 'Thing', plural: 'things', singular: 'thing', shortNames: [], categories: [], namespaced: true, verbs: ['get'], subresources: ['status'],
  custom: {
    schema: compileCustomSchema({ schema: SCHEMA, preserveUnknownFields: false, facts, rules: { compile: () => { throw new Error('no rules here'); } } }),
    columns: [], selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.size' }], storageVersion: 'v1', isTerminating: false, retired: new AbortController().signal, ...more,
  },
});
const THINGS = things();
const thing = (spec: unknown, metadata: object = {}): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, spec } as unknown as KubeObject);
const specOf = (object: KubeObject): unknown => (object as KubeObject & { spec: unknown }).spec;

test('unknown and repeated fields of a body are refused, told or dropped', (t) => {
  const body = { ...thing({ color: 'red', foo: 1 }, { wrong: 1 }), more: 1 };
  const strict = t.throws(() => decodeObject(facts, THINGS, body, { fieldValidation: 'Strict', sent: { form: 'json', duplicates: [{ path: 'spec.color', key: 'color', line: 1 }] } }));
  t.is(strict?.message, 'Thing in version "v1" cannot be handled as a Thing: strict decoding error: duplicate field "spec.color", unknown field "metadata.wrong", unknown field "more", unknown field "spec.foo"');
  t.deepEqual(decodeObject(facts, THINGS, body, { fieldValidation: 'Warn' }).warnings, ['unknown field "metadata.wrong"', 'unknown field "more"', 'unknown field "spec.foo"']);
  t.deepEqual(decodeObject(facts, THINGS, body, { fieldValidation: 'Ignore' }), { object: thing({ color: 'red' }), warnings: [], unknown: ['metadata.wrong', 'more', 'spec.foo'] });
});

test('an object of another kind is decoded, and invalid', (t) => {
  const error = t.throws(() => decodeObject(facts, THINGS, { ...thing({}), kind: 'Other' }, { fieldValidation: 'Ignore' }), { instanceOf: StatusError });
  t.is(error.message, 'Other.example.com "a" is invalid: kind: Invalid value: "Other": must be Thing');
  t.is(error.data.status.code, 422);
});

test('metadata of the wrong type is refused in Go\'s words', (t) => {
  const error = t.throws(() => decodeObject(facts, THINGS, thing({}, { labels: { a: 1 } }), { fieldValidation: 'Ignore' }));
  t.is(error?.message, 'Thing in version "v1" cannot be handled as a Thing: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string');
});

for (const [held, why] of [
  [{ apiVersion: 1 }, 'spec.held.apiVersion: Invalid value: 1: must be a string'],
  [{ metadata: [] }, 'spec.held.metadata: Invalid value: []: json: cannot unmarshal array into Go value of type v1.ObjectMeta'],
  [{ metadata: { name: 'a', labels: { a: 3 } } }, 'spec.held.metadata: Invalid value: {"labels":{"a":3},"name":"a"}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string'],
] as const) {
  test(`an object within the object that cannot be read is refused before unknown fields are: ${why}`, (t) => {
    const error = t.throws(() => decodeObject(facts, THINGS, { ...thing({ held }), unknown: 1 }, { fieldValidation: 'Strict' }));
    t.is(error?.message, `Thing in version "v1" cannot be handled as a Thing: ${why}`);
  });
}

test('nothing is recorded of an object whose lists have items without their keys', (t) => {
  for (const ports of [[{ port: 1 }], [null]]) t.is(trackUpdate(facts, THINGS, { updated: thing({ ports }), manager: 'me', now: T0 }).metadata.managedFields, undefined);
  const live = trackUpdate(facts, THINGS, { updated: thing({ ports: [] }), manager: 'me', now: T0 });
  t.is(trackUpdate(facts, THINGS, { live, updated: thing({ ports: [{ port: 1 }] }, live.metadata), manager: 'me', now: T0 }).metadata.managedFields, undefined);
});

const apply = (manager: string, applied: KubeObject, live?: KubeObject, force = false): KubeObject => applyServerSide(facts, THINGS, { live, applied, manager, force, now: T0 });

test('custom resources merge by the schema: lists with keys, sets, atoms and unknown parts', (t) => {
  const live = apply('me', thing({ ports: [{ name: 'a', port: 1 }], tags: ['x'], free: { a: { b: 1 } } }));
  const result = apply('you', thing({ ports: [{ name: 'b', port: 2 }], tags: ['y'], free: { a: { c: 2 } }, atom: { k: 'v' } }), live);
  t.deepEqual(specOf(result), { ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2 }], tags: ['x', 'y'], free: { a: { b: 1, c: 2 } }, atom: { k: 'v' } });
  t.deepEqual(result.metadata.managedFields?.[1]?.fieldsV1, {
    'f:spec': {
      'f:atom': {}, 'f:free': { 'f:a': { '.': {}, 'f:c': {} } }, 'f:ports': { 'k:{"name":"b"}': { '.': {}, 'f:name': {}, 'f:port': {} } }, 'f:tags': { 'v:"y"': {} },
    },
  });
});

test('an atom of someone else is a conflict as a whole', (t) => {
  const live = apply('me', thing({ atom: { k: 'v' }, plain: ['a'] }));
  const error = t.throws(() => apply('you', thing({ atom: { l: 'w' }, plain: ['b'] }), live));
  t.is(error?.message, 'Apply failed with 2 conflicts: conflicts with "me":\n- .spec.atom\n- .spec.plain');
});

test('the status of a custom resource belongs to its subresource', (t) => {
  const tracked = trackUpdate(facts, THINGS, { updated: { ...thing({ color: 'red' }), status: { phase: 'x' } } as KubeObject, manager: 'me', now: T0 });
  t.deepEqual(tracked.metadata.managedFields?.[0]?.fieldsV1, { 'f:spec': { '.': {}, 'f:color': {} } });
});

test('a definition is applied although its schema is recursive', (t) => {
  const crd = (properties: object): KubeObject => ({
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } }] },
  } as unknown as KubeObject);
  const nested = crd({ spec: { type: 'object', properties: { l: { type: 'array', items: { type: 'object', properties: { x: { type: 'string', default: 'y' } } } }, m: { type: 'object', additionalProperties: { type: 'string' } } } } });
  const live = applyServerSide(facts, CUSTOM_RESOURCE_DEFINITIONS, { applied: nested, manager: 'me', force: false, now: T0 });
  t.is(applyServerSide(facts, CUSTOM_RESOURCE_DEFINITIONS, { live, applied: nested, manager: 'me', force: false, now: T0 }), live);
  const smaller = crd({ spec: { type: 'object' } });
  t.deepEqual(specOf(applyServerSide(facts, CUSTOM_RESOURCE_DEFINITIONS, { live, applied: smaller, manager: 'me', force: false, now: T0 })), specOf(smaller));
});

test('a definition without columns shows name and age', (t) => {
  t.deepEqual(tableColumns(THINGS).map(({ name, type }) => `${name} ${type}`), ['Name string', 'Age date']);
  t.deepEqual(tableRow(THINGS, thing({}, { creationTimestamp: T0 }), Date.parse(T0) + 90_000), ['a', '90s']);
});

test('columns show the first value of their type', (t) => {
  const column = (type: string, jsonPath: string, more: object = {}) => ({ name: jsonPath, type, jsonPath, ...more });
  const resource = things({ columns: [
    column('string', '.spec.color', { priority: 1, description: 'd' }), column('integer', '.spec.size'), column('string', '.spec.size'), column('integer', '.spec.color'), column('string', '.spec.absent'), column('boolean', '.spec.on'),
    column('string', '.spec.ports[?(@.name=="b")].port'), column('string', '.spec.tags'), column('string', '.spec.tags[-1]'), column('string', '.spec.ports[*].name'), column('date', '.spec.at'), column('date', '.spec.color'), column('number', '.spec.ratio'), column('string', '.metadata.labels.a\\.b/c'),
  ] });
  t.like(tableColumns(resource)[1], { priority: 1, description: 'd', type: 'string', format: '' });
  t.is(tableColumns(resource)[2]?.description, 'Custom resource definition column (in JSONPath format): .spec.size');
  const object = thing({ color: 'red', size: 3, on: true, ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2 }], tags: ['x', 'y'], at: T0, ratio: 1.5 }, { labels: { 'a.b/c': 'l' } });
  t.deepEqual(tableRow(resource, thing({ size: 2n ** 62n, color: 1_234_567.5 }), 0).slice(1, 4), ['1.2345675e+06', 2n ** 62n, '4611686018427387904']);
  t.deepEqual(tableRow(resource, object, Date.parse(T0) + 3_600_000), ['a', 'red', 3, '3', null, null, true, '2', '["x","y"]', 'y', 'a', '60m', '<invalid>', 1.5, 'l']);
});

test('columns end before one whose path cannot be read', (t) => {
  const resource = things({ columns: [{ name: 'A', type: 'string', jsonPath: '.spec.color' }, { name: 'B', type: 'string', jsonPath: '.spec[' }, { name: 'C', type: 'string', jsonPath: '.spec.size' }] });
  t.deepEqual(tableRow(resource, thing({ color: 'red', size: 1 }), 0), ['a', 'red']);
});

test('custom resources are selected by the fields that their definition names', (t) => {
  t.true(fieldPredicate(THINGS, 'spec.color=blue,spec.size=3')(thing({ color: 'blue', size: 3 })));
  t.true(fieldPredicate(THINGS, 'spec.color=')(thing({})));
  t.is(t.throws(() => fieldPredicate(THINGS, 'spec.plain=x'))?.message, 'field label not supported: spec.plain');
});

test('a finalizer without a domain is let through with a warning, and told once', (t) => {
  const held = thing({}, { namespace: 'n', finalizers: ['plain', 'a.example', 'a.example/x', 'orphan'] });
  t.deepEqual(validateCreate(THINGS, held), []);
  t.deepEqual(finalizerWarnings(held.metadata, undefined), [
    'metadata.finalizers: "plain": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
    'metadata.finalizers: "a.example": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
  ]);
  t.deepEqual(finalizerWarnings(held.metadata, held.metadata), []);
});

test('the paths of a scale are checked with the object', (t) => {
  const scaled = things({ scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.n' } });
  t.deepEqual(validateCreate(scaled, thing({ size: -1 }, { namespace: 'n' })).map((c) => `${c.field}: ${c.message}`), ['.spec.size: Invalid value: -1: should be a non-negative integer']);
});
