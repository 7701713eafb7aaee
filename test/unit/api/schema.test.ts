import test from 'ava';
import { BUILT_IN_RESOURCES, PODS } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { loadSchema } from '#api/schema.ts';

const schema = loadSchema();

test('every type that the tables name is in them, and every list that merges by keys has those keys', (t) => {
  const wrong: string[] = [];
  for (const { id, types } of schema.packages()) {
    for (const name of Object.keys(types)) {
      for (const [field, facts] of schema.type(`${id}.${name}`)?.fields ?? []) {
        const shape = schema.shape(facts.type);
        const element = shape.form === 'list' ? schema.type(shape.element) : undefined;
        for (const key of facts.keys ?? []) if (element?.fields.has(key) !== true) wrong.push(`${id}.${name}.${field}: no key ${key}`);
      }
    }
  }
  t.deepEqual(wrong, []);
});

test('every built-in resource has facts, of a kind with metadata', (t) => {
  t.deepEqual(BUILT_IN_RESOURCES.filter((r) => schema.type(r.facts ?? '')?.kind !== true).map((r) => r.kind), []);
});

test('inlined fields are among the struct\'s own', (t) => {
  const volume = schema.type('core/v1.Volume');
  t.true(volume?.fields.has('emptyDir'));
  t.true(volume?.fields.has('name'));
  t.is(schema.type('core/v1.Nothing'), undefined);
  t.is(schema.type('nowhere/v1.Pod'), undefined);
  t.is(schema.type('[]core/v1.Pod'), undefined);
});

test('a scheme finds by kind and by plural, until the resource is gone', (t) => {
  const scheme = new Scheme(BUILT_IN_RESOURCES);
  t.is(scheme.byKind('v1', 'Pod'), PODS);
  t.is(scheme.byPlural('', 'v1', 'pods'), PODS);
  t.is(scheme.all().length, BUILT_IN_RESOURCES.length);
  scheme.unregister(PODS);
  t.is(scheme.byKind('v1', 'Pod'), undefined);
  t.is(scheme.byPlural('', 'v1', 'pods'), undefined);
  scheme.register({ ...PODS, kind: 'Pea' });
  scheme.register({ ...PODS, kind: 'Bean' });
  t.is(scheme.byKind('v1', 'Pea'), undefined);
  t.is(scheme.byPlural('', 'v1', 'pods')?.kind, 'Bean');
});
