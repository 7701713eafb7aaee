import test from 'ava';
import type { IgnoreRule } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { isIgnored } from '#sync/policy/ignored-drift.ts';
import { rulesFor, withoutIgnored } from '#sync/policy/ignored-fields.ts';

type Owners = Readonly<Record<string, object>>;
const deployment = (spec: object, owners: Owners = {}): KubeObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', spec,
  metadata: {
    namespace: 'shop', name: 'web',
    managedFields: Object.entries(owners).map(([manager, fieldsV1]) => ({ manager, operation: manager === 'headway' ? 'Apply' : 'Update', fieldsV1 })),
  },
} as unknown as KubeObject);
const specOf = (object: KubeObject): unknown => (object as unknown as { readonly spec?: unknown }).spec;
const pointer = (...jsonPointers: readonly string[]): IgnoreRule => ({ jsonPointers });
const F = {};
const containers = (fields: Readonly<Record<string, object>>): object => ({ 'f:spec': { 'f:containers': fields } });
const web = (more: object) => ({ name: 'web', ...more });

for (const { name, desired, live, owners, rules, applied } of [
  { name: 'a field that others own is left out', desired: { replicas: 2, paused: false }, live: { replicas: 7 }, owners: { headway: { 'f:spec': { 'f:paused': F } }, hpa: { 'f:spec': { 'f:replicas': F } } }, rules: [pointer('/spec/replicas')], applied: { paused: false } },
  { name: 'a field that sync owns keeps its live value', desired: { replicas: 2, paused: false }, live: { replicas: 7 }, owners: { headway: { 'f:spec': { 'f:replicas': F } } }, rules: [pointer('/spec/replicas')], applied: { replicas: 7, paused: false } },
  { name: 'a field that nobody owns is left out', desired: { replicas: 2, paused: false }, live: { replicas: 1 }, owners: { headway: { 'f:spec': { 'f:paused': F } } }, rules: [pointer('/spec/replicas')], applied: { paused: false } },
  { name: 'a field that sync owns and Git no longer names stays', desired: { paused: false }, live: { replicas: 7 }, owners: { headway: { 'f:spec': { 'f:replicas': F } } }, rules: [pointer('/spec/replicas')], applied: { paused: false, replicas: 7 } },
  { name: 'an object of which nothing is left is left out', desired: { selector: { a: 'b' } }, live: { selector: { a: 'c' } }, owners: { other: { 'f:spec': { 'f:selector': { 'f:a': F } } } }, rules: [pointer('/spec/selector/a')], applied: undefined },
  { name: 'what is not selected stays', desired: { replicas: 2 }, live: { replicas: 7 }, owners: { hpa: { 'f:spec': { 'f:replicas': F } } }, rules: [pointer('/spec/paused')], applied: { replicas: 2 } },
  {
    name: 'a whole map is divided among its owners', desired: { labels: { ours: '1', theirs: '1', both: '1' } }, live: { labels: { ours: '2', theirs: '2', both: '2' } },
    owners: { headway: { 'f:spec': { 'f:labels': { '.': F, 'f:ours': F, 'f:both': F } } }, other: { 'f:spec': { 'f:labels': { 'f:theirs': F, 'f:both': F } } } }, rules: [pointer('/spec/labels')], applied: { labels: { ours: '2', both: '2' } },
  },
  {
    name: 'a star stands for any key, and ~1 for a slash', desired: { a: { 'x/y': 1, z: 1 }, b: { 'x/y': 1 } }, live: { a: { 'x/y': 2 }, b: { 'x/y': 2 } },
    owners: { other: { 'f:spec': { 'f:a': { 'f:x/y': F }, 'f:b': { 'f:x/y': F } } } }, rules: [pointer('/spec/*/x~1y')], applied: { a: { z: 1 } },
  },
  {
    name: 'items are known by their keys, in whatever order they are', desired: { containers: [web({ image: 'web:1' }), { name: 'log', image: 'log:1' }] }, live: { containers: [{ name: 'log', image: 'log:2' }, web({ image: 'web:2' })] },
    owners: { headway: containers({ 'k:{"name":"log"}': { '.': F, 'f:name': F, 'f:image': F }, 'k:{"name":"web"}': { '.': F, 'f:name': F } }), updater: containers({ 'k:{"name":"web"}': { 'f:image': F } }) },
    rules: [pointer('/spec/containers/*/image')], applied: { containers: [{ name: 'web' }, { name: 'log', image: 'log:2' }] },
  },
  {
    name: 'an index is one of Git', desired: { containers: [web({ image: 'web:1' }), { name: 'log', image: 'log:1' }] }, live: { containers: [web({ image: 'web:2' }), { name: 'log', image: 'log:2' }] },
    owners: { updater: containers({ 'k:{"name":"web"}': { 'f:image': F }, 'k:{"name":"log"}': { 'f:image': F } }) }, rules: [pointer('/spec/containers/0/image')], applied: { containers: [{ name: 'web' }, { name: 'log', image: 'log:1' }] },
  },
  { name: 'of a list without keys the live items are taken', desired: { args: ['a', 'b'] }, live: { args: ['x', 'y'] }, owners: { headway: { 'f:spec': { 'f:args': F } } }, rules: [pointer('/spec/args/1')], applied: { args: ['a', 'y'] } },
  { name: 'whatever a manager owns is left out', desired: { replicas: 2, paused: false }, live: { replicas: 7, paused: true }, owners: { headway: { 'f:spec': { 'f:paused': F } }, hpa: { 'f:spec': { 'f:replicas': F } } }, rules: [{ managers: ['hpa'] }], applied: { paused: false } },
  { name: 'what it owns together with sync keeps its live value', desired: { replicas: 2 }, live: { replicas: 7 }, owners: { headway: { 'f:spec': { 'f:replicas': F } }, hpa: { 'f:spec': { 'f:replicas': F } } }, rules: [{ managers: ['hpa'] }], applied: { replicas: 7 } },
  { name: 'what other managers own is not touched', desired: { replicas: 2 }, live: { replicas: 7 }, owners: { kubectl: { 'f:spec': { 'f:replicas': F } } }, rules: [{ managers: ['hpa'] }], applied: { replicas: 2 } },
] as const) {
  test(name, (t) => t.deepEqual(specOf(withoutIgnored(deployment(desired), deployment(live, owners), rules)), applied));
}

test('rules select by what they name', (t) => {
  const selects = (rule: IgnoreRule): boolean => rulesFor([rule], deployment({})).length === 1;
  t.true(selects({}));
  t.true(selects({ group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }));
  for (const other of [{ group: '' }, { kind: 'StatefulSet' }, { namespace: 'default' }, { name: 'api' }]) t.false(selects(other), JSON.stringify(other));
});

for (const { name, steps, takers = ['hpa'], rule, ignored } of [
  { name: 'that a pointer names', steps: ['f:spec', 'f:replicas'], rule: pointer('/spec/replicas'), ignored: true },
  { name: 'below what a pointer names', steps: ['f:spec', 'f:template', 'f:paused'], rule: pointer('/spec/template'), ignored: true },
  { name: 'that no pointer names', steps: ['f:spec', 'f:paused'], rule: pointer('/spec/replicas'), ignored: false },
  { name: 'above what a pointer names', steps: ['f:spec'], rule: pointer('/spec/replicas'), ignored: false },
  { name: 'of any item', steps: ['f:spec', 'f:containers', 'k:{"name":"log"}', 'f:image'], rule: pointer('/spec/containers/*/image'), ignored: true },
  { name: 'of the item at an index', steps: ['f:spec', 'f:containers', 'k:{"name":"log"}', 'f:image'], rule: pointer('/spec/containers/1/image'), ignored: true },
  { name: 'of the item at another index', steps: ['f:spec', 'f:containers', 'k:{"name":"log"}', 'f:image'], rule: pointer('/spec/containers/0/image'), ignored: false },
  { name: 'that a named manager took', steps: ['f:spec', 'f:replicas'], rule: { managers: ['hpa'] }, ignored: true },
  { name: 'that a named manager and another took', steps: ['f:spec', 'f:replicas'], takers: ['hpa', 'kubectl'], rule: { managers: ['hpa'] }, ignored: false },
  { name: 'that somebody unknown took', steps: ['f:spec', 'f:replicas'], takers: [], rule: { managers: ['hpa'] }, ignored: false },
] as const) {
  test(`drift of a field ${name} is ${ignored ? 'left alone' : 'healed'}`, (t) => {
    t.is(isIgnored({ steps, takers }, deployment({ containers: [web({}), { name: 'log' }] }), [rule]), ignored);
  });
}
