import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';
import { allow, patch, type ReviewHandler, startWebhookServer } from '#test/support/webhook-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const FOOS = '/apis/example.com/v1/namespaces/default/foos';
type Answer = KubeObject & Status & { readonly data?: Readonly<Record<string, string>> };

/** An API server with the resource `foos`, and one webhook of either sort for all creations and updates, at `/mutating` and `/validating`. */
async function open(t: ExecutionContext, handler: ReviewHandler) {
  const server = await startInProcessApi(t, { audit: { policy: auditPolicy('Request'), sink: new AuditLines() } });
  const hooks = await startWebhookServer(t, handler);
  const send = async (method: ApiRequest['method'], path: string, body?: object, extra: Partial<ApiRequest> = {}) => {
    const { status, body: answer } = await server.handle({ method, path, ...(body ? { body } : {}), ...extra }, ADMIN);
    return { code: status, answer: answer as Answer, message: (answer as Status).message ?? '' };
  };
  await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { data: { type: 'object', additionalProperties: { type: 'string' } } } } } }] },
  });
  await waitFor(async () => (await send('GET', FOOS)).code === 200, { what: 'the custom resource is served' });
  for (const kind of ['Mutating', 'Validating']) {
    const webhook = {
      name: `${kind.toLowerCase()}.example.com`, clientConfig: { url: `${hooks.url}/${kind.toLowerCase()}`, caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'],
      rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['', 'example.com'], apiVersions: ['*'], resources: ['configmaps', 'foos'] }],
    };
    const { code, message } = await send('POST', `${GROUP}/${kind.toLowerCase()}webhookconfigurations`, { metadata: { name: 'all' }, webhooks: [webhook] });
    if (code !== 201) throw new Error(message);
  }
  return { hooks, send };
}
const add = (path: string, value: unknown): object => ({ op: 'add', path, value });
const replace = (path: string, value: unknown): object => ({ op: 'replace', path, value });
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'v' } });
const foo = (name: string): object => ({ apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name }, data: { k: 'v' } });

const INTERNAL = 'Internal error occurred:';
for (const [what, operation, builtIn, custom] of [
  ['replaces an absent member', replace('/data/nope', 'x'), [201, ''], [201, '']],
  ['replaces what an absent member has', replace('/nope/none', 'x'), [500, `${INTERNAL} replace operation does not apply: doc is missing path: /nope/none: missing value`], [500, `${INTERNAL} replace operation does not apply: doc is missing path: /nope/none: missing value`]],
  ['removes an absent member', { op: 'remove', path: '/data/nope' }, [500, `${INTERNAL} error in remove for path: '/data/nope': Unable to remove nonexistent key: nope: missing value`], [500, `${INTERNAL} error in remove for path: '/data/nope': Unable to remove nonexistent key: nope: missing value`]],
  ['puts a text for a map', replace('/data', 'x'), [500, `${INTERNAL} json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string`], [422, 'Foo.example.com "a" is invalid: data: Invalid value: "string": data in body must be of type object: "string"']],
  ['takes the kind away', { op: 'remove', path: '/kind' }, [201, ''], [500, /Object 'Kind' is missing in '\{"apiVersion":"example\.com\/v1",/]],
  ['makes it another kind', replace('/kind', 'Secret'), [500, 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'], [422, 'Secret.example.com "a" is invalid: kind: Invalid value: "Secret": must be Foo']],
  ['makes it a kind that is none', replace('/kind', 'Nope'), [500, `${INTERNAL} no kind "Nope" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"`], [422, 'Nope.example.com "a" is invalid: kind: Invalid value: "Nope": must be Foo']],
  ['makes it another version', replace('/apiVersion', 'v2'), [500, `${INTERNAL} no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"`], [500, '/v2, Kind=Foo is unstructured and is not suitable for converting to "example.com/v1"']],
  ['moves it', replace('/metadata/namespace', 'kube-system'), [400, 'the namespace of the provided object does not match the namespace sent on the request'], [400, 'the namespace of the provided object does not match the namespace sent on the request']],
  ['takes the namespace away', { op: 'remove', path: '/metadata/namespace' }, [201, ''], [201, '']],
  ['takes the name away', { op: 'remove', path: '/metadata/name' }, [422, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'], [422, 'Foo.example.com "" is invalid: metadata.name: Required value: name or generateName is required']],
  ['sets a version', add('/metadata/resourceVersion', '1'), [500, 'resourceVersion should not be set on objects to be created'], [500, 'resourceVersion should not be set on objects to be created']],
  ['sets a link', add('/metadata/selfLink', '/x'), [201, ''], [201, '']],
] as const) {
  test(`a webhook that ${what} of a new object`, async (t) => {
    const { send } = await open(t, (_, path) => (path === '/mutating' ? patch(operation) : allow()));
    for (const [path, object, [code, message]] of [[CONFIG_MAPS, configMap('a'), builtIn], [FOOS, foo('a'), custom]] as const) {
      const made = await send('POST', path, object);
      t.is(made.code, code, made.message);
      if (typeof message === 'string') t.is(made.message, message);
      else t.regex(made.message, message);
      if (code !== 201) continue;
      t.like(made.answer, { ...object, metadata: { name: 'a', namespace: 'default' } });
      t.false('selfLink' in made.answer.metadata);
    }
  });
}

for (const [what, operation, code, message] of [
  ['moves it', replace('/metadata/namespace', 'kube-system'), 400, 'the namespace of the provided object does not match the namespace sent on the request'],
  ['takes the namespace away', { op: 'remove', path: '/metadata/namespace' }, 200, ''],
  ['sets another version', add('/metadata/resourceVersion', '1'), 409, 'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again'],
] as const) {
  test(`a webhook that ${what} of an object that is updated`, async (t) => {
    const { send } = await open(t, (review, path) => (path === '/mutating' && review.operation === 'UPDATE' ? patch(operation) : allow()));
    await send('POST', CONFIG_MAPS, configMap('a'));
    const updated = await send('PUT', `${CONFIG_MAPS}/a`, { ...configMap('a'), data: { k: 'w' } });
    t.is(updated.code, code, updated.message);
    t.is(updated.message, message);
  });
}

test('a new object has neither UID nor time nor generated name before its changes are made, and all of them and a generation after', async (t) => {
  const { hooks, send } = await open(t, allow);
  await send('POST', FOOS, { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { generateName: 'foo-' } });
  const [before, after] = hooks.requests;
  t.false('name' in (before ?? {}));
  t.is(after?.name, after?.object?.metadata.name);
  for (const field of ['uid', 'creationTimestamp', 'name', 'generation']) {
    t.false(field in (before?.object?.metadata ?? {}), field);
    t.true(field in (after?.object?.metadata ?? {}), field);
  }
  const name = after?.object?.metadata.name ?? '';
  await send('PATCH', `${FOOS}/${name}`, { data: { k: 'w' } }, { contentType: 'application/merge-patch+json' });
  t.like(hooks.requests.at(-1)?.object, { metadata: { name, generation: 2 } });
});

test('a webhook may name an object whose name would be generated', async (t) => {
  const { send } = await open(t, (_, path) => (path === '/mutating' ? patch(add('/metadata/name', 'mine')) : allow()));
  t.is((await send('POST', CONFIG_MAPS, { metadata: { generateName: 'x-' } })).answer.metadata.name, 'mine');
});
