import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { ask, CONFIG_MAPS, configMap, make, type PlaneContext, type Told, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

type Context = ExecutionContext<PlaneContext>;
const apply = ({ context }: Context, path: string, manager: string, body: object, query = ''): Promise<Told> =>
  ask(context.plane, { method: 'PATCH', path: `${path}?fieldManager=${manager}${query}`, type: 'application/apply-patch+yaml', body: { apiVersion: path.startsWith('/apis') ? 'apps/v1' : 'v1', ...body } });
const patch = ({ context }: Context, path: string, manager: string, body: unknown, type = 'application/merge-patch+json'): Promise<Told> =>
  ask(context.plane, { method: 'PATCH', path: `${path}?fieldManager=${manager}`, type, body });
const managers = ({ json }: Told): readonly string[] => json.metadata.managedFields.map((entry: { manager: string; operation: string; subresource?: string }) => `${entry.operation} ${entry.manager}${entry.subresource ? `/${entry.subresource}` : ''}`);

test('applying what is not there makes it, with 201; again, with 200 and no write', async (t) => {
  const path = `${CONFIG_MAPS}/made`;
  const first = await apply(t, path, 'me', configMap('made', { data: { a: '1' } }));
  t.is(first.status, 201);
  t.deepEqual(managers(first), ['Apply me']);
  const again = await apply(t, path, 'me', configMap('made', { data: { a: '1' } }));
  t.is(again.status, 200);
  t.is(again.json.metadata.resourceVersion, first.json.metadata.resourceVersion);
});

test('a conflict names manager and field, one alone and several together', async (t) => {
  const path = `${CONFIG_MAPS}/contested`;
  await apply(t, path, 'first', configMap('contested', { data: { a: '1', b: '1' } }));
  const one = await apply(t, path, 'second', configMap('contested', { data: { a: '2' } }));
  t.is(one.status, 409);
  t.like(one.json, { reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "first": .data.a', details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.data.a' }] } });
  const two = await apply(t, path, 'second', configMap('contested', { data: { a: '2', b: '2' } }));
  t.is(two.json.message, 'Apply failed with 2 conflicts: conflicts with "first":\n- .data.a\n- .data.b');
});

test('force takes a field over; the other manager keeps the rest, and what is shared stays when one lets go', async (t) => {
  const path = `${CONFIG_MAPS}/forced`;
  await apply(t, path, 'first', configMap('forced', { data: { a: '1', b: '1', c: '1' } }));
  const taken = await apply(t, path, 'second', configMap('forced', { data: { a: '2', c: '1' } }), '&force=true');
  t.deepEqual(taken.json.data, { a: '2', b: '1', c: '1' });
  const less = await apply(t, path, 'first', configMap('forced', { metadata: { labels: { kept: 'yes' } } }));
  t.deepEqual(less.json.data, { a: '2', c: '1' });
  t.deepEqual(managers(less).toSorted(), ['Apply first', 'Apply second']);
});

test('what was applied and is applied no more goes; what another writer changed since is nobody else\'s to lose', async (t) => {
  const path = `${CONFIG_MAPS}/released`;
  await apply(t, path, 'me', configMap('released', { data: { a: '1', b: '1' } }));
  await patch(t, path, 'editor', { data: { b: '2' } });
  const less = await apply(t, path, 'me', configMap('released', { data: { a: '1' } }));
  t.deepEqual(less.json.data, { a: '1', b: '2' });
  t.deepEqual(managers(less), ['Apply me', 'Update editor']);
});

test('applied fields that the server manages are refused or ignored', async (t) => {
  const path = `${CONFIG_MAPS}/fixed`;
  const refused = await apply(t, path, 'me', configMap('fixed', { metadata: { managedFields: [{ manager: 'x', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }] } }));
  t.is(refused.status, 400);
  t.is(refused.json.message, 'metadata.managedFields must be nil');
  await apply(t, path, 'me', configMap('fixed'));
  t.is((await apply(t, path, 'me', configMap('fixed', { metadata: { resourceVersion: '1' } }))).status, 409);
  t.is((await apply(t, path, 'me', configMap('fixed', { metadata: { uid: 'other' } }))).status, 422);
  t.is((await apply(t, path, 'me', configMap('other'))).status, 400);
  const absent = await apply(t, `${CONFIG_MAPS}/never`, 'me', configMap('never', { metadata: { uid: 'other' } }));
  t.is(absent.json.message, 'Operation cannot be fulfilled on configmaps "never": uid mismatch: the provided object specified uid other, and no existing object was found');
});

test('the version that is applied is that of the path', async (t) => {
  const answer = await apply(t, `${CONFIG_MAPS}/versioned`, 'me', { ...configMap('versioned'), apiVersion: 'v2' });
  t.is(answer.json.message, 'invalid object type: /v2, Kind=ConfigMap');
});

test('what is applied says its version and its kind', async (t) => {
  const path = `${CONFIG_MAPS}/nameless`;
  const { apiVersion: _version, ...versionless } = configMap('nameless') as { readonly apiVersion: string };
  const refused = await ask(t.context.plane, { method: 'PATCH', path: `${path}?fieldManager=me`, type: 'application/apply-patch+yaml', body: versionless });
  t.like(refused.json, { code: 400, reason: 'BadRequest', message: 'invalid object type: /, Kind=ConfigMap' });
  const kindless = await apply(t, path, 'me', { metadata: { name: 'nameless' } });
  t.like(kindless.json, { code: 400, reason: 'BadRequest', message: 'invalid object type: /v1, Kind=' });
  const unnamed = await apply(t, path, 'me', { kind: 'ConfigMap', metadata: {} });
  t.like(unnamed.json, { code: 400, reason: 'BadRequest', message: 'the name of the object (nameless based on URL) was undeterminable: name must be provided' });
  const recorded = await apply(t, path, 'me', { kind: 'ConfigMap', metadata: { name: 'nameless', managedFields: [] } });
  t.like(recorded.json, { code: 400, message: 'metadata.managedFields must be nil' });
  t.is((await ask(t.context.plane, { path })).status, 404);
});

test('a key that stands twice in a list is refused', async (t) => {
  const port = { containerPort: 80, protocol: 'TCP' };
  const deployment = { kind: 'Deployment', metadata: { name: 'twice' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i', ports: [port, { ...port, name: 'again' }] }] } } } };
  const answer = await apply(t, `${DEPLOYMENTS}/twice`, 'me', deployment);
  t.is(answer.status, 500, answer.body.toString());
  t.false('reason' in answer.json);
  t.is(answer.json.message, 'failed to create typed patch object (/twice; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]');
});

test('an item of a list that does not say which one it is has the key that Go would write', async (t) => {
  const deployment = (...containers: object[]): object => ({ kind: 'Deployment', metadata: { name: 'unnamed' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } } } });
  const one = await apply(t, `${DEPLOYMENTS}/unnamed`, 'me', deployment({ image: 'i' }));
  t.is(one.status, 422, one.body.toString());
  t.is(one.json.details.causes[0].field, 'spec.template.spec.containers[0].name');
  const two = await apply(t, `${DEPLOYMENTS}/unnamed`, 'me', deployment({ image: 'i' }, { image: 'j' }));
  t.like(two.json, { code: 500, message: 'failed to create typed patch object (/unnamed; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name=""]' });
});

test('kubectl moves from applying on its own side to applying on the server\'s: no conflict with what it applied before', async (t) => {
  const path = `${CONFIG_MAPS}/moved`;
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moved', namespace: 'default' }, data: { a: '1' } };
  await make(t, t.context.plane, `${CONFIG_MAPS}?fieldManager=kubectl-client-side-apply`, { ...config, metadata: { ...config.metadata, annotations: { [LAST_APPLIED]: JSON.stringify(config) } }, data: { a: '1', z: '1' } });
  const conflict = await apply(t, path, 'another', configMap('moved', { data: { a: '2' } }));
  t.is(conflict.status, 409);
  const stranger = await apply(t, path, 'kubectl', configMap('moved', { data: { z: '2' } }));
  t.is(stranger.json.message, 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.z');
  const moved = await apply(t, path, 'kubectl', configMap('moved', { data: { a: '2' } }));
  t.is(moved.status, 200, moved.body.toString());
  t.is(moved.json.data.a, '2');
  t.deepEqual(JSON.parse(moved.json.metadata.annotations[LAST_APPLIED]).data, { a: '2' });
});

test('clients rewrite who owns what: an entry renamed by JSON patch counts, one that cannot be read does not, an empty record ends it until the next apply', async (t) => {
  const path = `${CONFIG_MAPS}/rewritten`;
  const made = await make(t, t.context.plane, `${CONFIG_MAPS}?fieldManager=kubectl-client-side-apply`, configMap('rewritten', { data: { a: '1', b: '1' } }));
  const [entry] = made.metadata.managedFields;
  const renamed = await patch(t, path, 'migrator', [{ op: 'replace', path: '/metadata/managedFields', value: [{ ...entry, manager: 'kubectl', operation: 'Apply' }] }], 'application/json-patch+json');
  t.deepEqual(managers(renamed), ['Apply kubectl']);
  const pruned = await apply(t, path, 'kubectl', configMap('rewritten', { data: { a: '1' } }));
  t.deepEqual(pruned.json.data, { a: '1' });
  const broken = await patch(t, path, 'migrator', { metadata: { managedFields: [{ ...entry, fieldsV1: { 'x:y': {} } }] } });
  t.deepEqual(managers(broken), ['Apply kubectl']);
  for (const empty of [[], [{}]]) {
    await apply(t, path, 'kubectl', configMap('rewritten', { data: { a: '1' } }));
    const reset = await patch(t, path, 'migrator', { metadata: { managedFields: empty } });
    t.is(reset.json.metadata.managedFields, undefined);
    const later = await patch(t, path, 'migrator', { data: { c: JSON.stringify(empty) } });
    t.is(later.json.metadata.managedFields, undefined);
  }
});

test('the status is owned apart, under its subresource', async (t) => {
  const path = `${DEPLOYMENTS}/apart`;
  const deployment = { kind: 'Deployment', metadata: { name: 'apart' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } };
  await apply(t, path, 'me', deployment);
  const written = await apply(t, `${path}/status`, 'controller', { kind: 'Deployment', metadata: { name: 'apart' }, status: { replicas: 1, observedGeneration: 1 } });
  t.is(written.status, 200, written.body.toString());
  t.deepEqual(managers(written).toSorted(), ['Apply controller/status', 'Apply me']);
  t.is(written.json.status.replicas, 1);
  t.is((await apply(t, `${DEPLOYMENTS}/absent/status`, 'controller', { kind: 'Deployment', metadata: { name: 'absent' }, status: {} })).status, 404);
});

test('of more than ten managers that update, the oldest are joined', async (t) => {
  const path = `${CONFIG_MAPS}/crowded`;
  await make(t, t.context.plane, `${CONFIG_MAPS}?fieldManager=m0`, configMap('crowded', { data: { k0: '0' } }));
  let last: Told | undefined;
  for (let i = 1; i <= 12; i += 1) last = await patch(t, path, `m${i}`, { data: { [`k${i}`]: String(i) } });
  const names = last ? managers(last) : [];
  t.is(names.length, 10);
  t.true(names.includes('Update ancient-changes'));
  t.true(names.includes('Update m12'));
});

test('who makes an object owns what it sent and the defaults, not what admission and the kind itself add', async (t) => {
  const { plane } = t.context;
  const owned = async (path: string, body: object): Promise<object> => (await make(t, plane, path, body)).metadata.managedFields[0].fieldsV1;
  const container = { name: 'c', image: 'registry.example/c' };
  await make(t, plane, '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  t.deepEqual(await owned('/api/v1/namespaces/default/pods', { metadata: { name: 'owned' }, spec: { containers: [container] } }), {
    'f:spec': {
      'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {}, 'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {} } },
      'f:dnsPolicy': {}, 'f:enableServiceLinks': {}, 'f:restartPolicy': {}, 'f:schedulerName': {}, 'f:securityContext': {}, 'f:terminationGracePeriodSeconds': {},
    },
  });
  t.deepEqual(await owned('/api/v1/namespaces/default/services', { metadata: { name: 'owned' }, spec: { ports: [{ port: 80 }] } }), {
    'f:spec': { 'f:internalTrafficPolicy': {}, 'f:ports': { '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {}, 'f:targetPort': {} } }, 'f:sessionAffinity': {}, 'f:type': {} },
  });
  t.deepEqual(await owned('/api/v1/namespaces', { metadata: { name: 'owned' } }), { 'f:metadata': { 'f:labels': { '.': {}, 'f:kubernetes.io/metadata.name': {} } } });
  const sets = await owned('/apis/apps/v1/namespaces/default/daemonsets', { metadata: { name: 'owned' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } } } });
  t.like(sets, { 'f:metadata': { 'f:annotations': { '.': {}, 'f:deprecated.daemonset.template.generation': {} } } });
  t.deepEqual(await owned('/api/v1/namespaces/default/secrets', { metadata: { name: 'owned' }, stringData: { a: 'b' } }), { 'f:data': { '.': {}, 'f:a': {} }, 'f:type': {} });
});
