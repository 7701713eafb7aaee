import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { ownedFields, pathText } from '#sync/audit/ownership.ts';

const entry = (manager: string, operation: 'Apply' | 'Update', fields: object, subresource?: string) => ({ manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: fields, time: '2026-01-02T03:04:05Z', ...(subresource ? { subresource } : {}) });

function ownersOf(object: object, ...managedFields: readonly object[]): Readonly<Record<string, string>> {
  const fields = ownedFields({ apiVersion: 'v1', kind: 'Pod', ...object, metadata: { name: 'x', managedFields } } as unknown as KubeObject);
  return Object.fromEntries(fields.map(({ path, managers, isOurs }) => [pathText(path), `${isOurs ? '*' : ''}${managers.map(({ name }) => name).join(',')}`]));
}

test('items of lists with keys, sets and atomic lists have their owners', (t) => {
  const owners = ownersOf(
    { spec: { containers: [{ name: 'side', image: 's' }, { name: 'web', image: 'w', command: ['a', 'b'] }], finalizers: ['f', 'g'] } },
    entry('headway', 'Apply', { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:command': {} } }, 'f:finalizers': { 'v:"f"': {} } } }),
    entry('injector', 'Update', { 'f:spec': { 'f:containers': { 'k:{"name":"side"}': { '.': {}, 'f:name': {}, 'f:image': {} } }, 'f:finalizers': { 'v:"g"': {} } } }),
  );
  t.is(owners['spec.containers[web].image'], '*headway');
  t.is(owners['spec.containers[web].command[1]'], '*headway', 'an atomic list is owned as a whole');
  t.is(owners['spec.containers[side].image'], 'injector');
  t.is(owners['spec.finalizers[f]'], '*headway');
  t.is(owners['spec.finalizers[g]'], 'injector');
  t.is(owners['spec.containers'], '*headway,injector', 'what holds fields of both');
});

test('of a field with two owners ours is first; what nobody set has none', (t) => {
  const owners = ownersOf({ data: { a: '1', b: '2' } }, entry('kubectl', 'Apply', { 'f:data': { 'f:a': {} } }), entry('headway', 'Apply', { 'f:data': { 'f:a': {} } }));
  t.is(owners['data.a'], '*headway,kubectl');
  t.is(owners['data.b'], '');
  t.is(owners['metadata.managedFields'], undefined);
});

test('an update by headway, or of a subresource, is not what Git declares', (t) => {
  const owners = ownersOf({ data: { a: '1' }, status: { b: 2 } }, entry('headway', 'Update', { 'f:data': { 'f:a': {} } }), entry('headway', 'Apply', { 'f:status': { 'f:b': {} } }, 'status'));
  t.is(owners['data.a'], 'headway');
  t.is(owners['status.b'], 'headway');
});
