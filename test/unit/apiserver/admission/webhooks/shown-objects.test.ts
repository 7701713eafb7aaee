import test, { type ExecutionContext } from 'ava';
import { openApi } from '#test/support/api-calls.ts';
import { waitFor } from '#test/support/wait.ts';
import { allow, patch, type ReviewHandler, type ReviewRequest, startWebhookServer } from '#test/support/webhook-server.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const FOOS = '/apis/example.com/v1/namespaces/default/foos';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

const text = { type: 'string' };
const schema = { type: 'object', properties: { spec: { type: 'object', properties: { text, mode: { ...text, default: 'plain' } } }, status: { type: 'object', properties: { text, phase: { ...text, default: 'New' } } } } };

/** An API server with the resource `foos`, which has a status of its own, and a webhook of either sort for all writes of `foos` and config maps. */
async function open(t: ExecutionContext, handler: ReviewHandler = allow) {
  const api = await openApi(t);
  const hooks = await startWebhookServer(t, handler);
  await api.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } }] },
  });
  await waitFor(async () => (await api.get(FOOS)).code === 200, { what: 'the custom resource is served' });
  const register = async (): Promise<void> => {
    for (const kind of ['mutating', 'validating']) {
      const webhook = {
        name: `${kind}.example.com`, clientConfig: { url: `${hooks.url}/${kind}`, caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'],
        rules: [{ operations: ['*'], apiGroups: ['', 'example.com'], apiVersions: ['*'], resources: ['configmaps', 'foos', 'foos/status'] }],
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
  const owned = (mutating.object?.metadata as { readonly managedFields: readonly { readonly fieldsV1: object }[] }).managedFields[0]?.fieldsV1;
  t.deepEqual(owned, { 'f:spec': { '.': {}, 'f:mode': {}, 'f:text': {} } }, 'nobody owns what is not kept');
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
