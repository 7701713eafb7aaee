import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { driftBetween } from '#sync/heal/drift.ts';

const OURS = { 'f:metadata': { 'f:annotations': { 'f:headway.dev/commit': {} } }, 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } } } };
const without = (fields: object, ...path: string[]): object =>
  Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (key !== path[0] ? [[key, value]] : path.length === 1 ? [] : [[key, without(value as object, ...path.slice(1))]])));

function object(ours: object | undefined, others: readonly object[] = [], commit = 'c1'): KubeObject {
  const managedFields = [...(ours ? [{ manager: 'headway', operation: 'Apply', fieldsV1: ours }] : []), ...others];
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', annotations: { 'headway.dev/commit': commit }, managedFields } } as unknown as KubeObject;
}
const before = object(OURS);

test('a field that another manager took is drift, with its manager and path', (t) => {
  const after = object(without(OURS, 'f:spec', 'f:replicas'), [{ manager: 'kubectl', operation: 'Update', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }]);
  t.like(driftBetween(before, after), { managers: ['kubectl'], fields: ['spec.replicas'] });
});

test('a field that was removed is drift of somebody unknown, and items are named by their keys', (t) => {
  const after = object(without(OURS, 'f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"web"}', 'f:image'));
  t.like(driftBetween(before, after), { managers: ['unknown'], fields: ['spec.template.spec.containers[name=web].image'] });
});

test('fields that sync does not own are left alone', (t) => {
  t.is(driftBetween(before, object(OURS, [{ manager: 'hpa', operation: 'Update', fieldsV1: { 'f:spec': { 'f:paused': {} } } }])), undefined);
});

test('a new commit that owns fewer fields is no drift', (t) => {
  t.is(driftBetween(before, object(without(OURS, 'f:spec', 'f:replicas'), [], 'c2')), undefined);
});

test('somebody who writes the commit annotation cannot pass for sync', (t) => {
  const taken = without(OURS, 'f:metadata');
  t.like(driftBetween(before, object(taken, [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:headway.dev/commit': {} } } } }], 'c9')), {
    managers: ['kubectl'], fields: ['metadata.annotations[headway.dev/commit]'],
  });
});

test('objects that sync never applied have no drift', (t) => {
  t.is(driftBetween(object(undefined), object(undefined)), undefined);
});
