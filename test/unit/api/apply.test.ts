import test from 'ava';
import fc from 'fast-check';
import { applyServerSide, trackUpdate } from '#api/apply/managed-fields.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PERSISTENT_VOLUMES, PODS, SERVICES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { StatusError } from '#api/status-error.ts';
import { withZeroValues } from '#api/zero-values.ts';

const schema = loadSchema();
const T0 = '2026-01-01T00:00:00Z';
const T1 = '2026-01-01T00:00:01Z';
const object = (apiVersion: string, kind: string, body: object, metadata: object = {}): KubeObject => ({ apiVersion, kind, metadata: { name: 'a', ...metadata }, ...body } as KubeObject);
const deployment = (spec: object, metadata?: object): KubeObject => object('apps/v1', 'Deployment', { spec }, metadata);
const configMap = (data: object, metadata?: object): KubeObject => object('v1', 'ConfigMap', { data }, metadata);
const TYPES: Readonly<Record<string, ResourceType>> = { Deployment: DEPLOYMENTS, ConfigMap: CONFIG_MAPS, Service: SERVICES, Pod: PODS, PersistentVolume: PERSISTENT_VOLUMES };
const UNKNOWN = { subresources: [] };
const apply = (manager: string, applied: KubeObject, live?: KubeObject, more: { force?: boolean; now?: string; subresource?: string } = {}): KubeObject =>
  applyServerSide(schema, TYPES[applied.kind] ?? UNKNOWN, { live, applied, manager, force: false, now: T0, ...more });
const update = (manager: string, updated: KubeObject, live?: KubeObject, subresource?: string): KubeObject =>
  trackUpdate(schema, TYPES[updated.kind] ?? UNKNOWN, { live, updated, manager, subresource, now: T0 });
const body = (o: KubeObject): unknown => ({ ...o, metadata: { ...o.metadata, managedFields: undefined } });
const owners = (o: KubeObject): unknown => Object.fromEntries((o.metadata.managedFields ?? []).map((e) => [`${e.operation} ${e.manager}${e.subresource ? `/${e.subresource}` : ''}`, e.fieldsV1]));

test('a first apply owns what it says', (t) => {
  const result = apply('me', deployment({ replicas: 1, template: { spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] } } }, { labels: { x: 'y' } }));
  t.deepEqual(result.metadata.managedFields, [{
    manager: 'me', operation: 'Apply', apiVersion: 'apps/v1', time: T0, fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': { 'f:labels': { 'f:x': {} } },
      'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } } } } } },
    },
  }]);
});

test('an apply that changes nothing returns the live object itself', (t) => {
  const live = apply('me', deployment({ replicas: 1 }));
  t.is(apply('me', deployment({ replicas: 1 }), live, { now: T1 }), live);
});

test('a zero or null that Go would not write is not kept, but owned by whoever applies it, who applies it again without a change', (t) => {
  const said = deployment({ replicas: 1, paused: false, minReadySeconds: 0, revisionHistoryLimit: null, selector: null, template: { metadata: { creationTimestamp: null } } }, { annotations: {}, managedFields: null });
  const live = apply('me', said);
  t.deepEqual(body(live), body(deployment({ replicas: 1, template: { metadata: {} } })));
  const spec = { 'f:minReadySeconds': {}, 'f:paused': {}, 'f:replicas': {}, 'f:revisionHistoryLimit': {}, 'f:selector': {}, 'f:template': { 'f:metadata': { 'f:creationTimestamp': {} } } };
  t.deepEqual(owners(live), { 'Apply me': { 'f:metadata': { 'f:annotations': {} }, 'f:spec': spec } });
  t.is(apply('me', said, live, { now: T1 }), live);
});

for (const [what, said, contested] of [
  ['a number', { minReadySeconds: 0 }, '.spec.minReadySeconds'], ['a boolean', { paused: false }, '.spec.paused'], ['a text', { template: { spec: { nodeName: '' } } }, '.spec.template.spec.nodeName'],
  ['a map', { template: { spec: { nodeSelector: {} } } }, '.spec.template.spec.nodeSelector'], ['a list', { template: { spec: { tolerations: [] } } }, '.spec.template.spec.tolerations'],
  ['null', { template: { metadata: { creationTimestamp: null } } }, '.spec.template.metadata.creationTimestamp'], ['null of what has parts', { template: { metadata: { labels: null } } }, '.spec.template.metadata.labels'],
  ['a number that may be absent', { replicas: 0 }, undefined], ['an object that is always written', { strategy: {} }, undefined], ['null that is always written', { template: { spec: { containers: null } } }, undefined],
] as const) {
  test(`two who apply the same zero, ${what}, ${contested === undefined ? 'share it, as it is in the object' : 'conflict, as it is not in the object'}`, (t) => {
    const live = withZeroValues(schema, DEPLOYMENTS.facts, apply('me', deployment(said)));
    t.is(apply('me', deployment(said), live, { now: T1 }), live);
    const second = (force: boolean) => apply('you', deployment(said), live, { force });
    // Who only comes to share stands before those who changed something.
    if (contested === undefined) t.deepEqual(Object.keys(owners(second(false)) as object), ['Apply you', 'Apply me']);
    else {
      t.throws(() => second(false), { message: `Apply failed with 1 conflict: conflict with "me": ${contested}` });
      t.deepEqual(Object.keys(owners(second(true)) as object), ['Apply you']);
    }
  });
}

test('a null empties what another has set, but nothing that has parts', (t) => {
  const template = { metadata: { labels: { a: 'b' } } };
  const live = update('other', deployment({ replicas: 3, template }));
  const said = deployment({ replicas: null, template: { metadata: { labels: null } } });
  t.throws(() => apply('me', said, live), { message: 'Apply failed with 1 conflict: conflict with "other" using apps/v1: .spec.replicas' });
  t.deepEqual(body(apply('me', said, live, { force: true })), body(deployment({ template })));
});

test('what another manager has set is made zero only by force', (t) => {
  const live = update('other', deployment({ replicas: 1, paused: true }));
  const said = deployment({ paused: false });
  t.throws(() => apply('me', said, live), { message: /conflict with "other".*\.spec\.paused/ });
  const forced = apply('me', said, live, { force: true });
  t.deepEqual(body(forced), body(deployment({ replicas: 1 })));
  t.deepEqual(owners(forced), { 'Apply me': { 'f:spec': { 'f:paused': {} } }, 'Update other': { 'f:spec': { 'f:replicas': {} } } });
});

for (const [resource, spec] of [
  [DEPLOYMENTS, { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }], livenessProbe: { httpGet: { port: 80 } } }], volumes: [{ name: 'v', configMap: { name: 'm' } }] } } }],
  [SERVICES, { ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }], selector: { a: 'b' } }],
] as const) {
  test(`defaults of a ${resource.kind} do not make the next apply a change`, (t) => {
    const applied = object(resource.group === '' ? 'v1' : 'apps/v1', resource.kind, { spec });
    const live = applyDefaults(resource, apply('me', applied));
    t.is(apply('me', applied, live, { now: T1 }), live);
    const touched = { ...applied, metadata: { ...applied.metadata, labels: { x: 'y' } } };
    const result = apply('me', touched, live, { now: T1 }) as KubeObject & { spec: unknown };
    t.deepEqual(result.spec, (live as typeof result).spec);
    t.is(result.metadata.managedFields?.[0]?.time, T1);
  });
}

test('the last label that goes leaves the metadata', (t) => {
  const first = apply('me', configMap({ a: '1' }, { labels: { x: 'y' } }));
  const live = { ...first, metadata: { ...first.metadata, uid: 'u', resourceVersion: '7' } };
  t.deepEqual(body(apply('me', configMap({ a: '1' }), live)), body(configMap({ a: '1' }, { uid: 'u', resourceVersion: '7' })));
  t.deepEqual(body(apply('me', object('v1', 'ConfigMap', {}), live)), body(object('v1', 'ConfigMap', {}, { uid: 'u', resourceVersion: '7' })));
});

test('what is no longer applied goes, unless someone else owns it', (t) => {
  const first = apply('me', configMap({ a: '1', b: '2' }));
  t.deepEqual(body(apply('me', configMap({ a: '1' }), first)), body(configMap({ a: '1' })));
  const shared = apply('you', configMap({ b: '2' }), first);
  const result = apply('me', configMap({ a: '1' }), shared);
  t.deepEqual(body(result), body(configMap({ a: '1', b: '2' })));
  t.deepEqual(owners(result), { 'Apply me': { 'f:data': { 'f:a': {} } }, 'Apply you': { 'f:data': { 'f:b': {} } } });
});

test('what the server filled in stays when its surroundings are no longer applied by all', (t) => {
  const first = apply('me', deployment({ replicas: 2, strategy: { type: 'Recreate' } }));
  const live = { ...first, spec: { replicas: 2, strategy: { type: 'Recreate' }, progressDeadlineSeconds: 600 } } as KubeObject;
  t.deepEqual(body(apply('me', deployment({ strategy: { type: 'Recreate' } }), live)), body(deployment({ strategy: { type: 'Recreate' }, progressDeadlineSeconds: 600 })));
});

test('a list item that is no longer applied goes, others\' items stay', (t) => {
  const containers = (...names: string[]): KubeObject => deployment({ template: { spec: { containers: names.map((name) => ({ name, image: name })) } } });
  const first = apply('me', containers('a', 'b'));
  const both = apply('you', containers('z'), first);
  const result = apply('me', containers('b'), both);
  t.deepEqual(body(result), body(containers('b', 'z')));
});

test('a conflict names manager and path, and force takes the field over', (t) => {
  const live = apply('me', deployment({ replicas: 1 }));
  const error = t.throws(() => apply('you', deployment({ replicas: 2 }), live), { instanceOf: StatusError });
  t.is(error.message, 'Apply failed with 1 conflict: conflict with "me": .spec.replicas');
  t.is(error.httpCode, 409);
  t.deepEqual(error.data.status.details?.causes, [{ reason: 'FieldManagerConflict', message: 'conflict with "me"', field: '.spec.replicas' }]);
  const forced = apply('you', deployment({ replicas: 2 }), live, { force: true });
  t.deepEqual(owners(forced), { 'Apply you': { 'f:spec': { 'f:replicas': {} } } });
});

test('several conflicts are listed by manager', (t) => {
  const live = update('kubectl-edit', deployment({ replicas: 1, paused: true, template: { spec: { containers: [{ name: 'c', image: '1' }] } } }));
  const error = t.throws(() => apply('me', deployment({ replicas: 2, template: { spec: { containers: [{ name: 'c', image: '2' }] } } }), live));
  t.is(error?.message, 'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n- .spec.replicas\n- .spec.template.spec.containers[name="c"].image');
});

test('equal values are shared without conflict', (t) => {
  const live = apply('me', deployment({ replicas: 1 }));
  t.deepEqual(owners(apply('you', deployment({ replicas: 1 }), live)), { 'Apply me': { 'f:spec': { 'f:replicas': {} } }, 'Apply you': { 'f:spec': { 'f:replicas': {} } } });
});

test('atomic parts are owned whole', (t) => {
  const service = (selector: object): KubeObject => object('v1', 'Service', { spec: { selector } });
  const live = apply('me', service({ a: '1' }));
  t.deepEqual(owners(live), { 'Apply me': { 'f:spec': { 'f:selector': {} } } });
  t.throws(() => apply('you', service({ b: '2' }), live), { message: /\.spec\.selector/ });
});

test('a reference that is merged by member where it stands is owned by member', (t) => {
  const volume = (claimRef: object): KubeObject => object('v1', 'PersistentVolume', { spec: { claimRef } });
  const bound = update('binder', volume({ kind: 'PersistentVolumeClaim', namespace: 'n', name: 'c', uid: 'u' }));
  const applied = apply('me', volume({ namespace: 'n', name: 'c' }), bound);
  t.deepEqual(body(applied), body(bound));
  t.like(owners(applied), { 'Apply me': { 'f:spec': { 'f:claimRef': { 'f:name': {}, 'f:namespace': {} } } } } as object);
});

test('sets merge by value', (t) => {
  const live = apply('me', configMap({ k: 'v' }, { finalizers: ['x/a'] }));
  const result = apply('you', configMap({ k: 'v' }, { finalizers: ['x/b'] }), live);
  t.deepEqual(result.metadata.finalizers, ['x/a', 'x/b']);
  t.deepEqual(apply('me', configMap({ k: 'v' }), result).metadata.finalizers, ['x/b']);
});

test('a create is owned by its maker, without the parts that every object has', (t) => {
  t.deepEqual(owners(update('kubectl-create', deployment({ replicas: 1, strategy: { type: 'Recreate' }, template: { spec: { containers: [{ name: 'c', resources: {} }] } } }, { labels: { app: 'x' }, uid: 'u' }))), {
    'Update kubectl-create': {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:replicas': {}, 'f:strategy': { 'f:type': {} }, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } } } },
    },
  });
});

test('an update owns what it changes and takes it from others; the status is a manager of its own', (t) => {
  const live = apply('me', deployment({ replicas: 1, paused: true }));
  const edited = update('kubectl-edit', { ...live, spec: { replicas: 5, paused: true } } as KubeObject, live);
  t.deepEqual(owners(edited), { 'Apply me': { 'f:spec': { 'f:paused': {} } }, 'Update kubectl-edit': { 'f:spec': { 'f:replicas': {} } } });
  const reported = update('controller', { ...edited, status: { replicas: 5 } } as KubeObject, edited, 'status');
  t.deepEqual((owners(reported) as Record<string, unknown>)['Update controller/status'], { 'f:status': { '.': {}, 'f:replicas': {} } });
  t.deepEqual(update('other', reported, reported).metadata.managedFields, reported.metadata.managedFields);
});

test('a record of one empty entry ends it until the next apply, one that is left out does not count', (t) => {
  const live = apply('me', deployment({ replicas: 1 }));
  const ended = update('you', { ...live, metadata: { name: 'a', managedFields: [{}] }, spec: { replicas: 2 } } as KubeObject, live);
  t.deepEqual(owners(ended), {});
  const later = update('you', { ...ended, spec: { replicas: 3 } } as KubeObject, ended);
  t.deepEqual(owners(later), {});
  t.deepEqual(Object.keys(owners(apply('me', deployment({ paused: true }), later)) as object), ['Apply me', 'Update before-first-apply']);
  t.deepEqual(update('you', { ...live, metadata: { name: 'a' } }, live).metadata.managedFields, live.metadata.managedFields);
});

test('an update that carries a record of its own replaces the live one, an empty one does not', (t) => {
  const live = update('you', configMap({ a: 'b' }), undefined);
  const [entry] = live.metadata.managedFields ?? [];
  const carrying = (managedFields: readonly object[]) => update('me', { ...live, metadata: { ...live.metadata, managedFields } } as KubeObject, live).metadata.managedFields;
  t.deepEqual(carrying([{ ...entry, manager: 'other', operation: 'Apply' }])?.map((e) => [e.manager, e.operation]), [['other', 'Apply']]);
  t.deepEqual(carrying([])?.map((e) => e.manager), ['you']);
  const named = (name: string, field: string) => ({ ...entry, manager: name, operation: 'Apply', fieldsV1: { 'f:data': { [`f:${field}`]: {} } } });
  t.deepEqual(carrying([named('one', 'a'), named('one', 'b')])?.map((e) => e.fieldsV1), [{ 'f:data': { 'f:b': {} } }], 'of two entries with one name the last counts');
});

test('a record that comes with a new object says who owns what it does not have', (t) => {
  const entry = { manager: 'old', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {}, 'f:gone': {} } } };
  const made = (managedFields: readonly object[]): unknown => owners(update('me', configMap({ a: 'b' }, { managedFields })));
  const own = { 'Update me': { 'f:data': { '.': {}, 'f:a': {} } } };
  t.deepEqual(made([entry]), { ...own, 'Apply old': { 'f:data': { 'f:gone': {} } } });
  for (const unread of [[], [{}], [{ ...entry, apiVersion: '' }], [{ ...entry, fieldsType: 'FieldsV0' }]]) t.deepEqual(made(unread), own);
});

test('the record is not written through a subresource', (t) => {
  const live = update('you', deployment({ replicas: 1 }));
  const [entry] = live.metadata.managedFields ?? [];
  for (const managedFields of [[{}], [{ ...entry, manager: 'other' }]]) {
    const written = { ...live, metadata: { ...live.metadata, managedFields }, status: { replicas: 1 } } as KubeObject;
    t.deepEqual(Object.keys(owners(update('controller', written, live, 'status')) as object).sort(), ['Update controller/status', 'Update you']);
  }
});

test('of an item that stands twice nobody owns a part, and it changes as a whole', (t) => {
  const env = (...values: readonly string[]) => deployment({ template: { spec: { containers: [{ name: 'c', env: values.map((value) => ({ name: 'PATH', value })) }] } } });
  const entryOf = (o: KubeObject, owner: string): unknown => {
    const fields = (owners(o) as Readonly<Record<string, object>>)[owner];
    return ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"c"}', 'f:env', 'k:{"name":"PATH"}'].reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], fields);
  };
  const once = { '.': {}, 'f:name': {}, 'f:value': {} };
  const twice = update('maker', env('/bin', '/sbin'));
  t.deepEqual(entryOf(twice, 'Update maker'), {});
  const changed = update('editor', { ...twice, ...body(env('/bin', '/usr/bin')) as object, metadata: twice.metadata }, twice);
  t.deepEqual([entryOf(changed, 'Update maker'), entryOf(changed, 'Update editor')], [undefined, {}]);
  const single = update('third', { ...changed, ...body(env('/bin')) as object, metadata: changed.metadata }, changed);
  t.deepEqual([entryOf(single, 'Update editor'), entryOf(single, 'Update third')], [undefined, once]);
  const again = update('fourth', { ...single, ...body(env('/bin', '/sbin')) as object, metadata: single.metadata }, single);
  t.deepEqual([entryOf(again, 'Update third'), entryOf(again, 'Update fourth')], [undefined, {}]);
  const applied = apply('me', env('/opt'), changed, { force: true });
  t.deepEqual([entryOf(applied, 'Update editor'), entryOf(applied, 'Apply me')], [undefined, once]);
  t.like(applied, { spec: { template: { spec: { containers: [{ env: [{ name: 'PATH', value: '/opt' }] }] } } } });
});

test('kubectl takes over what it applied on its own side, but not what has changed since', (t) => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(deployment({ replicas: 3, paused: true })) };
  const live = update('kubectl-client-side-apply', deployment({ replicas: 100, paused: true }, { annotations }));
  const error = t.throws(() => apply('kubectl', deployment({ replicas: 4, paused: false }), live));
  t.is(error?.message, 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas');
  t.like(apply('kubectl', deployment({ paused: false }), live), { spec: { replicas: 100 } });
});

test('more than ten managers that update are joined, oldest first', (t) => {
  let live = trackUpdate(schema, CONFIG_MAPS, { updated: configMap({ k0: '' }), manager: 'm0', now: '2026-01-01T00:00:10Z' });
  for (let i = 1; i < 12; i++) {
    const updated = { ...live, data: { ...(live as KubeObject & { data: object }).data, [`k${i}`]: '' } } as KubeObject;
    live = trackUpdate(schema, CONFIG_MAPS, { live, updated, manager: `m${i}`, now: `2026-01-01T00:00:${10 + i}Z` });
  }
  t.is(live.metadata.managedFields?.length, 10);
  t.deepEqual((owners(live) as Record<string, unknown>)['Update ancient-changes'], { 'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {} } });
});

test('fields set before the first apply belong to a manager of their own', (t) => {
  const live = deployment({ replicas: 3 });
  const error = t.throws(() => apply('me', deployment({ replicas: 1 }), live));
  t.is(error?.message, 'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas');
});

test('the status is applied only through its subresource', (t) => {
  const live = apply('me', { ...deployment({ replicas: 1 }), status: { replicas: 9 } } as KubeObject);
  t.false('status' in live);
  const result = apply('c', { ...deployment({ replicas: 7 }), status: { replicas: 9 } } as KubeObject, live, { subresource: 'status' });
  t.deepEqual(body(result), body({ ...deployment({ replicas: 1 }), status: { replicas: 9 } } as KubeObject));
});

test('kinds without facts merge by member, lists as a whole', (t) => {
  const custom = (spec: object): KubeObject => object('example.com/v1', 'Thing', { spec });
  const live = applyServerSide(schema, UNKNOWN, { applied: custom({ a: { b: 1 }, l: [1] }), manager: 'me', force: false, now: T0 });
  const result = applyServerSide(schema, UNKNOWN, { live, applied: custom({ a: { c: 2 } }), manager: 'you', force: false, now: T0 });
  t.deepEqual(body(result), body(custom({ a: { b: 1, c: 2 }, l: [1] })));
});

test('for any two managers: applying twice changes nothing, and an emptied apply leaves only the other\'s', (t) => {
  const data = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
  fc.assert(fc.property(data, data, (mine, yours) => {
    const both = apply('you', configMap(yours), apply('me', configMap(mine)), { force: true });
    t.is(apply('you', configMap(yours), both, { now: T1 }), both);
    const emptied = apply('me', object('v1', 'ConfigMap', {}), both);
    t.deepEqual((emptied as KubeObject & { data?: object }).data ?? {}, yours);
  }));
});

test('who comes to share what is there is given no time, as nothing changes', (t) => {
  const live = apply('me', configMap({ a: '1' }));
  const shared = apply('you', configMap({ a: '1' }), live, { now: T1 });
  t.deepEqual(shared.metadata.managedFields?.map(({ manager, time }) => [manager, time]), [['you', undefined], ['me', T0]]);
  const changed = apply('you', configMap({ a: '1', b: '2' }), shared, { now: T1 });
  t.deepEqual(changed.metadata.managedFields?.map(({ manager, time }) => [manager, time]), [['me', T0], ['you', T1]]);
});

test('the order of items that is applied is a change', (t) => {
  const pod = (...names: readonly string[]) => object('v1', 'Pod', { spec: { containers: names.map((name) => ({ name })) } });
  const live = apply('me', pod('a', 'b'));
  const turned = apply('me', pod('b', 'a'), live, { now: T1 });
  t.deepEqual((turned as { spec?: unknown }).spec, { containers: [{ name: 'b' }, { name: 'a' }] });
  t.is(turned.metadata.managedFields?.[0]?.time, T1);
});

test('who owns a map that loses all of its members owns it still', (t) => {
  const live = apply('you', configMap({ a: '1' }, { annotations: {} }), apply('me', configMap({ a: '1' }, { annotations: { x: 'y' } })));
  const emptied = apply('me', configMap({ a: '1' }), live);
  t.deepEqual(owners(emptied), { 'Apply me': { 'f:data': { 'f:a': {} } }, 'Apply you': { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:annotations': {} } } });
  t.is(emptied.metadata.annotations, undefined);
});

test('what was set before the first apply is recorded with the time and the subresource of that apply', (t) => {
  const live = withZeroValues(schema, PODS.facts, object('v1', 'Pod', { spec: { nodeName: 'n' }, status: { phase: 'Running', reason: 'R' } }, { labels: { a: 'b' } }));
  const status = object('v1', 'Pod', { status: { message: 'm' } });
  const [, first] = apply('me', status, live, { subresource: 'status', now: T1 }).metadata.managedFields ?? [];
  t.deepEqual(first, {
    manager: 'before-first-apply', operation: 'Update', apiVersion: 'v1', time: T1, fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, 'f:status': { 'f:phase': {}, 'f:reason': {} } }, subresource: 'status',
  });
});

test('a key that an item leaves out is the zero that Go writes of it', (t) => {
  const owned = (...ownerReferences: object[]) => configMap({}, { ownerReferences });
  t.deepEqual(owners(apply('me', owned({ kind: 'A' }, { kind: 'B', uid: 'u' }))), { 'Apply me': { 'f:data': {}, 'f:metadata': { 'f:ownerReferences': { 'k:{"uid":""}': {}, 'k:{"uid":"u"}': {} } } } });
  t.throws(() => apply('me', owned({ kind: 'A' }, { kind: 'B' })), { message: 'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .metadata.ownerReferences: duplicate entries for key [uid=""]' });
});

test('conflicts are told level by level', (t) => {
  const live = update('you', deployment({ paused: true, replicas: 1, template: { spec: { nodeName: 'n' } }, strategy: { type: 'Recreate' } }, { labels: { a: '1' } }));
  const applied = deployment({ replicas: 2, template: { spec: { nodeName: 'o' } }, strategy: { type: 'RollingUpdate' } }, { labels: { a: '2' } });
  t.throws(() => apply('me', applied, live), { message: /^Apply failed with 4 conflicts: conflicts with "you" using apps\/v1:\n- .metadata.labels.a\n- .spec.replicas\n- .spec.strategy.type\n- .spec.template.spec.nodeName$/ });
  const service = (ports: object[], labels: object) => object('v1', 'Service', { spec: { clusterIP: 'None', ports } }, { labels });
  t.throws(() => apply('me', service([{ port: 1, name: 'b' }], { a: '2' }), update('you', { ...service([{ port: 1, name: 'a' }], { a: '1' }) })), { message: /labels.a\n- .spec.ports/ });
  const role = (verbs: string[], a: string) => ({ ...object('v1', 'ConfigMap', { immutable: verbs.length > 0 }), metadata: { name: 'a', labels: { a } } }) as KubeObject;
  t.throws(() => apply('me', role([], '2'), update('you', role(['x'], '1'))), { message: /:\n- .immutable\n- .metadata.labels.a$/ });
});

test('the nulls that Go writes are owned by whoever makes them', (t) => {
  const pod = (status: object) => withZeroValues(schema, PODS.facts, object('v1', 'Pod', { spec: {}, status }));
  const live = withZeroValues(schema, PODS.facts, apply('me', pod({})));
  const conditioned = update('kubelet', { ...live, status: { conditions: [{ type: 'Ready', status: 'True' }] } } as KubeObject, live, 'status');
  const condition = { '.': {}, 'f:lastProbeTime': {}, 'f:lastTransitionTime': {}, 'f:status': {}, 'f:type': {} };
  t.deepEqual((owners(conditioned) as { readonly [name: string]: unknown })['Update kubelet/status'], { 'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"Ready"}': condition } } });
});
