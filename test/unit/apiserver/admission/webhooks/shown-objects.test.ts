import test, { type ExecutionContext } from 'ava';
import { openApi } from '#test/support/api-calls.ts';
import { waitFor } from '#test/support/wait.ts';
import { allow, patch, type ReviewHandler, type ReviewRequest, startWebhookServer } from '#test/support/webhook-server.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const FOOS = '/apis/example.com/v1/namespaces/default/foos';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const text = { type: 'string' };
const schema = { type: 'object', properties: { spec: { type: 'object', properties: { text, mode: { ...text, default: 'plain' }, replicas: { type: 'integer' } } }, status: { type: 'object', properties: { text, replicas: { type: 'integer' }, phase: { ...text, default: 'New' } } } } };

/** An API server with the resource `foos`, which has a status of its own, and a webhook of either sort for all writes of `foos` and config maps. */
async function open(t: ExecutionContext, handler: ReviewHandler = allow) {
  const api = await openApi(t);
  const hooks = await startWebhookServer(t, handler);
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } }, schema: { openAPIV3Schema: schema } }] },
  });
  await waitFor(async () => (await api.get(FOOS)).code === 200, { what: 'the custom resource is served' });
  const register = async (condition = 'true'): Promise<void> => {
    for (const kind of ['mutating', 'validating']) {
      const webhook = {
        name: `${kind}.example.com`, clientConfig: { url: `${hooks.url}/${kind}`, caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], matchConditions: [{ name: 'condition', expression: condition }],
        rules: [{ operations: ['*'], apiGroups: ['', 'example.com'], apiVersions: ['*'], resources: ['configmaps', 'foos', 'foos/*'] }],
      };
      t.is((await api.post(`${CONFIGURATIONS}/${kind}webhookconfigurations`, { metadata: { name: 'all' }, webhooks: [webhook] })).code, 201);
    }
  };
  /** What either webhook has seen of the last write. */
  const seen = (): { readonly mutating: ReviewRequest; readonly validating: ReviewRequest } => {
    const [mutating, validating] = hooks.requests.slice(-2) as [ReviewRequest, ReviewRequest];
    return { mutating, validating };
  };
  return { api, hooks, register, seen };
}
const foo = (metadata: object, more: object = {}): object => ({ apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'a', ...metadata }, spec: { text: 'x' }, ...more });

test('a mutating webhook sees a creation as it was sent, with the status that is not kept, and a validating one as it is stored', async (t) => {
  const { api, register, seen } = await open(t);
  await register();
  t.is((await api.post(FOOS, foo({ generation: 7 }, { status: { text: 's' } }))).code, 201);
  const { mutating, validating } = seen();
  t.like(mutating.object, { metadata: { generation: 7 }, spec: { text: 'x', mode: 'plain' }, status: { text: 's', phase: 'New' } });
  t.like(validating.object, { metadata: { generation: 1 }, spec: { text: 'x', mode: 'plain' }, status: undefined });
  const { managedFields = [] } = (mutating.object?.metadata ?? {}) as { readonly managedFields?: readonly { readonly fieldsV1: object }[] };
  t.deepEqual(managedFields[0]?.fieldsV1, { 'f:spec': { '.': {}, 'f:mode': {}, 'f:text': {} } }, 'nobody owns what is not kept');
});

test('a mutating webhook sees an update as it was sent, and a validating one as it is stored', async (t) => {
  const { api, register, seen } = await open(t);
  const made = (await api.post(FOOS, foo({ generateName: 'a-' }))).body;
  await api.patch(`${FOOS}/a/status`, { status: { text: 'live' } });
  await register();
  const { resourceVersion } = (await api.get(`${FOOS}/a`)).body.metadata;
  t.is((await api.put(`${FOOS}/a`, foo({ resourceVersion, generation: 9, labels: { a: 'b' } }, { status: { text: 'sent' } }))).code, 200);
  const { mutating, validating } = seen();
  t.like(mutating.object, { metadata: { resourceVersion, generation: 9, labels: { a: 'b' }, uid: undefined, creationTimestamp: undefined }, status: { text: 'sent', phase: 'New' } });
  const { uid, creationTimestamp } = made.metadata;
  t.like(validating.object, { metadata: { uid, creationTimestamp, generation: 1, labels: { a: 'b' }, generateName: undefined }, status: { text: 'live', phase: 'New' } });
});

test('a mutating webhook sees all of what is sent to a status, and what it changes beside the status is not kept', async (t) => {
  const { api, register, seen } = await open(t, (review, path) => (path === '/mutating' && review.subResource === 'status' ? patch({ op: 'add', path: '/spec/text', value: 'webhook' }, { op: 'add', path: '/status/phase', value: 'webhook' }) : allow()));
  const { spec, metadata } = (await api.post(FOOS, foo({}))).body;
  await register();
  const { body } = await api.put(`${FOOS}/a/status`, foo({ resourceVersion: metadata.resourceVersion, labels: { a: 'b' } }, { spec: { text: 'sent' }, status: { text: 's' } }));
  const { mutating, validating } = seen();
  t.like(mutating.object, { metadata: { labels: { a: 'b' } }, spec: { text: 'sent', mode: 'plain' }, status: { text: 's', phase: 'New' } });
  t.like(validating.object, { metadata: { labels: undefined }, spec: { text: 'x' }, status: { text: 's', phase: 'webhook' } });
  t.like(body, { spec, status: { text: 's', phase: 'webhook' } });
});

test('conditions of a mutating webhook see a new object without its UID, its time and a generated name, those of a validating one with them', async (t) => {
  const { api, hooks, register } = await open(t);
  await register("has(object.metadata.uid) || has(object.metadata.creationTimestamp) || has(object.metadata.name) || has(request.name)");
  t.is((await api.post(CONFIG_MAPS, { metadata: { generateName: 'x-' } })).code, 201);
  t.deepEqual(hooks.requests.map(({ object }) => typeof object?.['metadata'].name), ['string']);
  t.is((await api.post(CONFIG_MAPS, { metadata: { name: 'x' } })).code, 201);
  t.is(hooks.requests.length, 3);
});

test('a request that is not even let in by a condition names what has no name by its prefix', async (t) => {
  const { api, register } = await open(t);
  await register("object.data.absent == 'x'");
  t.is((await api.post(CONFIG_MAPS, { metadata: { generateName: 'x-' }, data: { a: 'b' } })).message, 'configmaps "x-" is forbidden: expression \'object.data.absent == \'x\'\' resulted in error: no such key: absent');
});

test('of a name that is generated a validating webhook is told, and a prefix that a mutating one changes is the one that counts', async (t) => {
  const { api, register, seen } = await open(t, (_, path) => (path === '/mutating' ? patch({ op: 'replace', path: '/metadata/generateName', value: 'other-' }) : allow()));
  await register();
  const { name } = (await api.post(CONFIG_MAPS, { metadata: { generateName: 'x-' } })).body.metadata;
  t.regex(name, /^other-\w{5}$/);
  const { mutating, validating } = seen();
  t.is(mutating.name, undefined);
  t.is(validating.name, name);
});

for (const { what, metadata, code, message, asked } of [
  { what: 'no version', metadata: {}, code: 422, message: 'foos.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update', asked: 1 },
  { what: 'an old version', metadata: { resourceVersion: '1' }, code: 409, message: 'Operation cannot be fulfilled on foos.example.com "a": the object has been modified; please apply your changes to the latest version and try again', asked: 1 },
  { what: 'another object', metadata: { uid: 'other' }, code: 409, message: /Precondition failed: UID in precondition: other, UID in object meta: /, asked: 0 },
] as const) {
  test(`an update that names ${what} is refused when mutating webhooks were asked, which may name another`, async (t) => {
    const { api, hooks, register } = await open(t);
    await api.post(FOOS, foo({}));
    await register();
    const answer = await api.put(`${FOOS}/a`, foo(metadata));
    t.is(answer.code, code);
    if (typeof message === 'string') t.is(answer.message, message);
    else t.regex(answer.message, message);
    t.is(hooks.requests.length, asked);
  });
}

test('an update may say its version by a mutating webhook', async (t) => {
  let version = '';
  const { api, register } = await open(t, (review, path) => (path === '/mutating' && review.operation === 'UPDATE' ? patch({ op: 'add', path: '/metadata/resourceVersion', value: version }) : allow()));
  version = (await api.post(FOOS, foo({}))).body.metadata.resourceVersion;
  await register();
  t.is((await api.put(`${FOOS}/a`, foo({}, { spec: { text: 'new' } }))).body.spec.text, 'new');
});

test('a mutating webhook sees a Scale as it was sent, with who owns its replicas, and a validating one that of what is written', async (t) => {
  const { api, register, seen } = await open(t);
  await api.post(FOOS, foo({}, { spec: { replicas: 1 } }), { fieldManager: 'maker' });
  await api.patch(`${FOOS}/a/status`, { status: { replicas: 1 } });
  const { uid } = (await api.get(`${FOOS}/a`)).body.metadata;
  await register();
  t.is((await api.put(`${FOOS}/a/scale`, { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a', namespace: 'default' }, spec: { replicas: 2 } }, { fieldManager: 'scaler' })).body.spec.replicas, 2);
  const { mutating, validating } = seen();
  const record = (object: object | null): readonly unknown[] => (object as { readonly metadata: { readonly managedFields?: readonly object[] } }).metadata.managedFields?.map((entry) => ({ ...entry, time: undefined })) ?? [];
  const entry = { apiVersion: 'autoscaling/v1', operation: 'Update', fieldsType: 'FieldsV1', time: undefined };
  t.like(mutating.object, { metadata: { name: 'a', uid: undefined }, spec: { replicas: 2 }, status: { replicas: 0 } });
  t.deepEqual(record(mutating.object), [{ ...entry, manager: 'scaler', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} }, 'f:status': { 'f:replicas': {} } } }]);
  t.like(mutating.oldObject, { metadata: { uid }, spec: { replicas: 1 }, status: { replicas: 1 } });
  t.deepEqual(record(mutating.oldObject), [{ ...entry, manager: 'maker', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }]);
  t.like(validating.object, { metadata: { uid, managedFields: undefined }, spec: { replicas: 2 }, status: { replicas: 1 } });
  t.like(validating.oldObject, { metadata: { uid, managedFields: undefined }, spec: { replicas: 1 } });
  const owners = (await api.get(`${FOOS}/a`)).body.metadata.managedFields.map((e: { readonly manager: string; readonly subresource?: string; readonly fieldsV1: { readonly 'f:spec'?: object } }) => [e.manager, e.subresource, e.fieldsV1['f:spec']]);
  t.deepEqual(owners.filter(([, , spec]: readonly unknown[]) => spec !== undefined), [['scaler', 'scale', { 'f:replicas': {} }], ['maker', undefined, { '.': {}, 'f:mode': {} }]]);
});

test('a scale to zero takes the replicas from who owned them, and a patch of a scale that is open must say a number', async (t) => {
  const { api } = await open(t);
  await api.post(FOOS, foo({}, { spec: { replicas: 1 } }));
  t.is((await api.put(`${FOOS}/a/scale`, { metadata: { name: 'a' }, spec: { replicas: 0 } })).code, 200);
  const { spec, metadata } = (await api.get(`${FOOS}/a`)).body;
  t.is(spec.replicas, 0);
  t.deepEqual(metadata.managedFields.map((e: { readonly fieldsV1: object }) => e.fieldsV1), [{ 'f:spec': { '.': {}, 'f:mode': {} } }]);
  await api.post(FOOS, foo({ name: 'open' }));
  const refused = await api.patch(`${FOOS}/open/scale`, { metadata: { labels: {} } });
  t.is(refused.code, 400);
  t.is(refused.message, 'the spec replicas field ".spec.replicas" cannot be empty');
});

test('an apply may make an object that says a version, but nothing that is none', async (t) => {
  const { api } = await open(t);
  const apply = (name: string, resourceVersion: string) => api.patch(`${CONFIG_MAPS}/${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, resourceVersion } }, 'application/apply-patch+yaml', { fieldManager: 'me' });
  const made = await apply('a', '5');
  t.is(made.code, 201);
  t.not(made.body.metadata.resourceVersion, '5');
  t.is((await apply('b', 'abc')).message, 'strconv.ParseUint: parsing "abc": invalid syntax');
});
