import test from 'ava';
import fc from 'fast-check';
import { createdFields } from '#api/apply/created-fields.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { StatusError } from '#api/status-error.ts';

const schema = loadSchema();
const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = { boolean: fc.boolean(), string: fc.constantFrom('a', 'b', ''), JSON: fc.constantFrom({}, { x: 1 }, [1], 'x', null) };

/** Values of a type of the fact tables, and sometimes what no such value can be: null, the empty object, the empty list. */
function valueOf(reference: string, depth: number): fc.Arbitrary<unknown> {
  const shape = schema.shape(reference);
  const odd = [fc.constant(null), fc.constant(undefined)];
  switch (shape.form) {
    case 'scalar': return fc.oneof({ weight: 8, arbitrary: SCALARS[shape.scalar] ?? fc.nat(2) }, ...odd);
    case 'list': return depth === 0 ? fc.constant([]) : fc.oneof({ weight: 6, arbitrary: fc.array(valueOf(shape.element, depth - 1), { maxLength: 3 }) }, ...odd);
    case 'map': return depth === 0 ? fc.constant({}) : fc.oneof({ weight: 6, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'x.y/z'), valueOf(shape.element, depth - 1), { maxKeys: 3 }) }, ...odd);
    case 'struct': return depth === 0 ? fc.constant({}) : fc.oneof({ weight: 6, arbitrary: fieldsOf(shape.struct.fields, depth) }, ...odd);
  }
}

const fieldsOf = (fields: ReadonlyMap<string, { readonly type: string }>, depth: number): fc.Arbitrary<unknown> =>
  fc.subarray([...fields.keys()], { maxLength: Math.min(5, fields.size) }).chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, valueOf(fields.get(name)?.type ?? 'string', depth - 1)])), { noNullPrototype: true }));

const objectOf = (resource: ResourceType): fc.Arbitrary<KubeObject> => {
  const fields = new Map(schema.type(resource.facts ?? '')?.fields);
  fields.delete('metadata');
  // Nobody owns a status of a new object, so only the comparison minds what is wrong in one.
  fields.delete('status');
  return fc.tuple(fieldsOf(fields, 5), valueOf('meta/v1.ObjectMeta', 2)).map(([parts, metadata]) =>
    ({ apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { ...(metadata as object | null), name: 'a', managedFields: undefined }, ...(parts as object) }) as unknown as KubeObject);
};

/** Of items without their keys, and such as cannot have any, nothing is recorded. */
function outcome(task: () => unknown): unknown {
  try {
    return task() ?? null;
  } catch (error) {
    if (error instanceof StatusError && error.message.startsWith('associative list with keys ')) return null;
    throw error;
  }
}

test('the fields of a new object are those that a comparison with the blank object tells, for every kind', (t) => {
  const kinds = BUILT_IN_RESOURCES.filter(({ facts }) => facts !== undefined && schema.type(facts) !== undefined);
  t.true(kinds.length > 50);
  for (const resource of kinds) {
    fc.assert(fc.property(objectOf(resource), (object) => {
      // A subresource, though an empty one, is tracked by comparison.
      const compared = outcome(() => trackUpdate(schema, resource, { updated: object, manager: 'me', subresource: '', now: '2026-01-01T00:00:00Z' }).metadata.managedFields?.[0]?.fieldsV1);
      const direct = outcome(() => createdFields(schema, resource, object));
      t.deepEqual(direct, compared);
      t.is(JSON.stringify(direct), JSON.stringify(compared));
    }), { numRuns: 30 });
  }
});
