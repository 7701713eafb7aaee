import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { kindsOf, withDeclared } from '#sync/kinds/declared-kinds.ts';
import { SCHEME } from '#test/support/desired.ts';

const definition = (spec: unknown): KubeObject => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gadgets.example.org' }, spec } as KubeObject);
const GADGETS = { group: 'example.org', scope: 'Namespaced', names: { plural: 'gadgets', kind: 'Gadget' }, versions: [{ name: 'v1alpha1', served: true }, { name: 'v1', served: true }, { name: 'v0', served: false }] };

test('a definition makes the versions known that it serves', (t) => {
  const kinds = withDeclared(SCHEME, [definition(GADGETS)]);
  t.like(kinds.byKind('example.org/v1alpha1', 'Gadget'), { plural: 'gadgets', namespaced: true });
  t.is(kinds.byKind('example.org/v0', 'Gadget'), undefined);
  t.is(kinds.byKind('v1', 'ConfigMap')?.plural, 'configmaps');
});

for (const spec of [undefined, null, {}, { ...GADGETS, versions: 'v1' }, { ...GADGETS, versions: [null] }, { ...GADGETS, names: null }, 7]) {
  test(`a definition with spec ${JSON.stringify(spec)} defines nothing`, (t) => t.deepEqual(kindsOf(definition(spec)), []));
}
