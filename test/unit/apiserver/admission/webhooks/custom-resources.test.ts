import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';
import { allow, deny, patch, type ReviewHandler, startWebhookServer } from '#test/support/webhook-server.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const NOXUS = '/apis/example.com/v1/namespaces/default/noxus';
type Noxu = KubeObject & Status & { readonly data?: Readonly<Record<string, string>> };

const text = { type: 'string' };
const version = (name: string, storage: boolean): object => ({
  name, served: true, storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { data: { type: 'object', properties: { 'mutation-start': text, 'mutation-stage-1': text, key: text } } } } },
});
const noxu = (name: string, data: Readonly<Record<string, string>>): object => ({ apiVersion: 'example.com/v1', kind: 'Noxu', metadata: { name }, data });

/** An API server with the resource `noxus` in two versions, and one webhook for all that its group does. */
async function open(t: ExecutionContext, handler: ReviewHandler) {
  const server = await startInProcessApi(t);
  const hooks = await startWebhookServer(t, handler);
  const send = async (method: ApiRequest['method'], path: string, body?: object, extra: Partial<ApiRequest> = {}) => {
    const { status, body: answer } = await server.handle({ method, path, ...(body ? { body } : {}), ...extra }, ADMIN);
    return { code: status, answer: answer as Noxu };
  };
  const define = (plural: string, kind: string) => send('POST', DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.example.com` },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural, kind }, versions: [version('v1', true), version('v2', false)] },
  });
  const register = async (kind: 'Mutating' | 'Validating', rules: readonly object[], extra: object = {}): Promise<void> => {
    const webhook = { name: 'custom.example.com', clientConfig: { url: hooks.url, caBundle: hooks.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], rules, ...extra };
    const { code, answer } = await send('POST', `${ADMISSION}/${kind.toLowerCase()}webhookconfigurations`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name: 'custom' }, webhooks: [webhook] });
    if (code !== 201) throw new Error(answer.message);
  };
  t.is((await define('noxus', 'Noxu')).code, 201);
  await waitFor(async () => (await send('GET', NOXUS)).code === 200, { what: 'the custom resource is served' });
  return { hooks, send, define, register };
}
const rule = (versions: readonly string[], operations: readonly string[] = ['*']): object => ({ operations, apiGroups: ['example.com'], apiVersions: versions, resources: ['noxus'] });

test('custom resources are denied at creation, update and deletion', async (t) => {
  const { send, register } = await open(t, (r) => {
    const { data } = (r.object ?? r.oldObject) as unknown as { readonly data: Readonly<Record<string, string>> };
    return data['key'] === 'good' ? allow() : deny('the custom resource contains unwanted data');
  });
  t.is((await send('POST', NOXUS, noxu('early', { key: 'bad' }))).code, 201);
  await register('Validating', [rule(['v1'])]);
  const denied = await send('POST', NOXUS, noxu('bad', { key: 'bad' }));
  t.is(denied.answer.message, 'admission webhook "custom.example.com" denied the request: the custom resource contains unwanted data');
  t.is((await send('POST', NOXUS, noxu('good', { key: 'good' }))).code, 201);
  t.is((await send('PATCH', `${NOXUS}/good`, { data: { key: 'bad' } }, { contentType: 'application/merge-patch+json' })).code, 400);
  t.is((await send('DELETE', `${NOXUS}/early`)).code, 400);
  t.is((await send('DELETE', `${NOXUS}/good`)).code, 200);
});

test('conditions judge the object in the version in which the webhook sees it', async (t) => {
  const { hooks, send, register } = await open(t, allow);
  await register('Validating', [rule(['v2'])], { matchConditions: [{ name: 'second', expression: "object.apiVersion == 'example.com/v2' && request.kind.version == 'v2' && request.requestKind.version == 'v1'" }] });
  t.is((await send('POST', NOXUS, noxu('seen', { key: 'a' }))).code, 201);
  t.deepEqual(hooks.requests.map(({ object }) => object?.['apiVersion']), ['example.com/v2']);
});

test('custom resources are mutated, and lose what their schema does not know', async (t) => {
  const { send, register } = await open(t, () => patch({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' }, { op: 'add', path: '/data/mutation-stage-2', value: 'yes' }));
  await register('Mutating', [rule(['v1'], ['CREATE'])]);
  const { answer } = await send('POST', NOXUS, noxu('one', { 'mutation-start': 'yes' }));
  t.deepEqual(answer.data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
});

test('custom resources are mutated also when another version has become the stored one', async (t) => {
  const { send, register } = await open(t, (r) => (r.object?.data?.['mutation-start'] ? patch({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' }) : allow()));
  await register('Mutating', [rule(['v1', 'v2'], ['CREATE', 'UPDATE'])]);
  await send('POST', NOXUS, noxu('one', { 'mutation-start': 'yes' }));
  const stored = await send('PATCH', `${DEFINITIONS}/noxus.example.com`, { spec: { versions: [version('v1', false), version('v2', true)] } }, { contentType: 'application/merge-patch+json' });
  t.is(stored.code, 200);
  const { code, answer } = await send('PATCH', NOXUS.replace('/v1/', '/v2/') + '/one', { data: { key: 'x' } }, { contentType: 'application/merge-patch+json' });
  t.is(code, 200);
  t.is(answer.apiVersion, 'example.com/v2');
  t.deepEqual(answer.data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes', key: 'x' });
});

test('a webhook sees the version that its rule names, and the request tells which it was', async (t) => {
  const { hooks, send, register } = await open(t, () => patch({ op: 'add', path: '/data/key', value: 'mutated' }));
  await register('Mutating', [rule(['v2'])]);
  const { answer } = await send('POST', NOXUS, noxu('one', {}));
  t.is(answer.apiVersion, 'example.com/v1');
  t.is(answer.data?.['key'], 'mutated');
  t.like(hooks.requests.at(-1), { kind: { version: 'v2' }, resource: { version: 'v2' }, requestKind: { version: 'v1' }, object: { apiVersion: 'example.com/v2' } });
});

test('with an exact match policy other versions pass by', async (t) => {
  const { hooks, send, register } = await open(t, () => deny('no'));
  await register('Validating', [rule(['v2'])], { matchPolicy: 'Exact' });
  t.is((await send('POST', NOXUS, noxu('one', {}))).code, 201);
  t.is(hooks.requests.length, 0);
});

test('definitions are denied', async (t) => {
  const { define, register } = await open(t, () => deny('the crd contains unwanted label'));
  await register('Validating', [{ operations: ['CREATE'], apiGroups: ['apiextensions.k8s.io'], apiVersions: ['*'], resources: ['customresourcedefinitions'] }]);
  const { code, answer } = await define('denied', 'Denied');
  t.is(code, 400);
  t.regex(answer.message ?? '', /denied the request: the crd contains unwanted label$/);
});

test('a Service is called at its endpoints', async (t) => {
  const { hooks, send, register } = await open(t, () => deny('called'));
  await send('POST', '/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'webhook' }, spec: { ports: [{ port: 8443 }] } });
  await send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'webhook-1', labels: { 'kubernetes.io/service-name': 'webhook' } }, addressType: 'FQDN', endpoints: [{ addresses: ['127.0.0.1'] }], ports: [{ port: Number(new URL(hooks.url).port) }],
  });
  await register('Validating', [rule(['v1'])], { clientConfig: { caBundle: hooks.caBundle, service: { namespace: 'default', name: 'webhook', port: 8443, path: '/check' } } });
  t.regex((await send('POST', NOXUS, noxu('one', {}))).answer.message ?? '', /denied the request: called$/);
});
