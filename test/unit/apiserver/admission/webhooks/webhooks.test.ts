import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { allow, deny, patch, type ReviewHandler, startWebhookServer, type WebhookServer } from '#test/support/webhook-server.ts';
import { waitFor } from '#test/support/wait.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
type Answer = KubeObject & Status & { readonly data?: Readonly<Record<string, string>>; readonly spec: Readonly<Record<string, unknown>> };
type Webhook = Readonly<Record<string, unknown>> & { readonly name: string };

async function open(t: ExecutionContext, handler: ReviewHandler = allow) {
  const server = await startInProcessApi(t);
  const hooks = await startWebhookServer(t, handler);
  const send = async (method: ApiRequest['method'], path: string, body?: unknown, extra: Partial<ApiRequest> = {}) => {
    const { status, body: answer, warnings = [] } = await server.handle({ method, path, ...(body === undefined ? {} : { body }), ...extra }, ADMIN);
    return { code: status, answer: answer as Answer, message: (answer as Status).message ?? '', warnings };
  };
  const create = (path: string, body: object, query: Readonly<Record<string, string>> = {}) => send('POST', path, body, { query });
  return { server, hooks, send, create };
}
type Api = Awaited<ReturnType<typeof open>>;

const rule = (resources: readonly string[], operations: readonly string[] = ['CREATE'], group = ''): object => ({ operations, apiGroups: [group], apiVersions: ['v1'], resources });
const webhook = (server: WebhookServer, name: string, rules: readonly object[], extra: object = {}): Webhook =>
  ({ name: `${name}.example.com`, clientConfig: { url: `${server.url}/${name}`, caBundle: server.caBundle }, rules, sideEffects: 'None', admissionReviewVersions: ['v1'], ...extra });
const configMap = (name: string, data: Readonly<Record<string, string>> = {}, labels: Readonly<Record<string, string>> = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data });
const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'example.org/web:1' }] } });

/** Registers webhooks and waits until they are in force, which they become as they do in Kubernetes: a moment later. */
async function register(api: Api, kind: 'Mutating' | 'Validating', name: string, ...webhooks: readonly Webhook[]): Promise<void> {
  const plural = `${kind.toLowerCase()}webhookconfigurations`;
  const made = await api.create(`${GROUP}/${plural}`, { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name, labels: { e2e: 'yes' } }, webhooks });
  if (made.code !== 201) throw new Error(made.message);
  // A read that is not from the cache shows that the cache has the configuration.
  await api.send('GET', `${GROUP}/${plural}`);
}

async function account(api: Api): Promise<void> {
  await api.create('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
}

test('pods and config maps are denied in the words of the webhook, at creation, update and patch', async (t) => {
  const api = await open(t, (r) => (r.object?.data?.['bad'] || r.object?.metadata.name === 'bad-pod' ? deny('the object contains unwanted data', { reason: 'Forbidden', code: 403 }) : allow()));
  await account(api);
  await register(api, 'Validating', 'deny', webhook(api.hooks, 'deny', [rule(['pods', 'configmaps'], ['CREATE', 'UPDATE'])]));
  const refused = await api.create(PODS, pod('bad-pod'));
  t.is(refused.code, 403);
  t.is(refused.message, 'admission webhook "deny.example.com" denied the request: the object contains unwanted data');
  t.is(refused.answer.reason, 'Forbidden');
  t.is((await api.create(CONFIG_MAPS, configMap('good', { fine: 'x' }))).code, 201);
  t.is((await api.send('PUT', `${CONFIG_MAPS}/good`, configMap('good', { bad: 'x' }))).code, 403);
  const patched = await api.send('PATCH', `${CONFIG_MAPS}/good`, { data: { bad: 'x' } }, { contentType: 'application/merge-patch+json', query: { fieldManager: 'me' } });
  t.is(patched.code, 403);
  const seen = api.hooks.requests.at(-1);
  t.like(seen, {
    operation: 'UPDATE', name: 'good', namespace: 'default', dryRun: false, kind: { group: '', version: 'v1', kind: 'ConfigMap' }, resource: { group: '', version: 'v1', resource: 'configmaps' },
    userInfo: { username: 'kubernetes-admin' }, options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
  });
  t.is((seen?.oldObject as { data: { fine: string } } | undefined)?.data.fine, 'x');
});

test('a webhook that hangs ends at its deadline', async (t) => {
  const api = await open(t, () => new Promise<object>((resolve) => void setTimeout(() => resolve(allow()), 30_000).unref()));
  await register(api, 'Validating', 'slow', webhook(api.hooks, 'slow', [rule(['configmaps'])], { timeoutSeconds: 1 }));
  const late = await api.create(CONFIG_MAPS, configMap('late'));
  t.is(late.code, 500);
  t.is(late.answer.reason, 'InternalError');
  t.regex(late.message, /^Internal error occurred: failed calling webhook "slow\.example\.com": failed to call webhook: Post "https:.*timeout=1s": context deadline exceeded$/);
});

test('a webhook is given the shorter of its own time and what the request has left', async (t) => {
  const given = new Map<string, number>();
  const api = await open(t, (_, path, timeout) => {
    given.set(path, timeout);
    return allow();
  });
  const hook = (name: string, timeoutSeconds: number): Webhook => webhook(api.hooks, name, [rule(['configmaps'])], { timeoutSeconds });
  await register(api, 'Mutating', 'mutating', hook('mutating-long', 30), hook('mutating-short', 1));
  await register(api, 'Validating', 'validating', hook('validating-long', 30), hook('validating-short', 1));
  t.is((await api.create(CONFIG_MAPS, configMap('a'), { timeout: '29s' })).code, 201);
  for (const kind of ['mutating', 'validating']) {
    t.true((given.get(`/${kind}-long`) ?? 30) <= 29);
    t.is(given.get(`/${kind}-short`), 1);
  }
  t.is((await api.create(CONFIG_MAPS, configMap('b'))).code, 201);
  t.is(given.get('/mutating-long'), 30);
});

test('a request whose time is over asks no further webhook, and writes nothing, whatever the webhooks let pass', async (t) => {
  const api = await open(t, () => new Promise<object>(() => {}));
  const hook = (name: string): Webhook => webhook(api.hooks, name, [rule(['configmaps'])], { timeoutSeconds: 30, failurePolicy: 'Ignore' });
  await register(api, 'Mutating', 'mutating', hook('first'), hook('second'));
  await register(api, 'Validating', 'validating', hook('third'));
  const late = await api.create(CONFIG_MAPS, configMap('late'), { timeout: '3s' });
  t.like(late, { code: 504, message: 'Timeout: request did not complete within the allotted timeout' });
  t.is(late.answer.reason, 'Timeout');
  t.true(api.hooks.requests.length <= 1, 'on a busy machine the time is over before the first has read its question');
  t.is((await api.send('GET', `${CONFIG_MAPS}/late`)).code, 404);
});

test('a transaction whose time is over writes none of its items', async (t) => {
  const api = await open(t, () => new Promise<object>(() => {}));
  await register(api, 'Validating', 'slow', webhook(api.hooks, 'slow', [rule(['configmaps'])], { timeoutSeconds: 30, failurePolicy: 'Ignore' }));
  const apply = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'default' } };
  const { answer } = await api.create('/apis/headway.dev/v1/transactions', { apiVersion: 'headway.dev/v1', kind: 'Transaction', spec: { fieldManager: 'me', items: [{ apply }] } }, { timeout: '1s' });
  t.like(answer, { status: { committed: false, items: [{ error: { reason: 'Timeout' } }] } } as object);
  t.is((await api.send('GET', `${CONFIG_MAPS}/late`)).code, 404);
});

test('a deletion whose time is over deletes nothing', async (t) => {
  const api = await open(t, () => new Promise<object>(() => {}));
  await api.create(CONFIG_MAPS, configMap('kept'));
  await register(api, 'Validating', 'slow', webhook(api.hooks, 'slow', [rule(['configmaps'], ['DELETE'])], { timeoutSeconds: 30, failurePolicy: 'Ignore' }));
  t.is((await api.send('DELETE', `${CONFIG_MAPS}/kept`, undefined, { query: { timeout: '1s' } })).code, 504);
  t.is((await api.send('GET', `${CONFIG_MAPS}/kept`)).code, 200);
});

test('what cannot be called fails closed, or lets pass when it says so', async (t) => {
  const api = await open(t);
  const service = { clientConfig: { service: { namespace: 'default', name: 'absent', path: '/x' } } };
  await register(api, 'Validating', 'closed', webhook(api.hooks, 'closed', [rule(['configmaps'])], { ...service, failurePolicy: 'Fail', objectSelector: { matchLabels: { strict: 'yes' } } }));
  await register(api, 'Mutating', 'open', webhook(api.hooks, 'open', [rule(['configmaps'])], { ...service, failurePolicy: 'Ignore' }));
  const failed = await api.create(CONFIG_MAPS, configMap('a', {}, { strict: 'yes' }));
  t.is(failed.answer.reason, 'InternalError');
  t.regex(failed.message, /failed calling webhook "closed\.example\.com": failed to call webhook: service "absent" not found/);
  t.is((await api.create(CONFIG_MAPS, configMap('b'))).code, 201);
});

test('selectors of namespaces and objects exempt', async (t) => {
  const api = await open(t, () => deny('no'));
  const namespace = (name: string, labels: object) => api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await namespace('exempted', { skip: 'yes' });
  await register(api, 'Validating', 'some', webhook(api.hooks, 'some', [rule(['*'])], { namespaceSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] } }));
  t.is((await api.create('/api/v1/namespaces/exempted/configmaps', configMap('a'))).code, 201);
  t.is((await api.create(CONFIG_MAPS, configMap('a'))).code, 400);
  t.is((await namespace('second', { skip: 'yes' })).code, 201, 'a namespace is judged by its own labels');
  t.is((await namespace('third', {})).code, 400);
});

test('mutating webhooks see what those before them made, in the order of their names', async (t) => {
  const api = await open(t, (r) => {
    if (r.object?.data?.['mutation-stage-1']) return patch({ op: 'add', path: '/data/mutation-stage-2', value: 'yes' });
    return r.object?.data?.['mutation-start'] ? patch({ op: 'add', path: '/data/mutation-stage-1', value: 'yes' }) : allow();
  });
  await register(api, 'Mutating', 'stages', webhook(api.hooks, 'first', [rule(['configmaps'])]), webhook(api.hooks, 'second', [rule(['configmaps'])]));
  const made = await api.create(CONFIG_MAPS, configMap('staged', { 'mutation-start': 'yes' }));
  t.deepEqual(made.answer.data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
});

test('defaults are applied after mutation', async (t) => {
  const api = await open(t, () => patch({ op: 'add', path: '/spec/initContainers', value: [{ name: 'added', image: 'example.org/init:1', resources: {} }] }));
  await account(api);
  await register(api, 'Mutating', 'init', webhook(api.hooks, 'init', [rule(['pods'])]));
  const { answer } = await api.create(PODS, pod('defaulted'));
  t.like((answer.spec['initContainers'] as readonly object[])[0], { name: 'added', terminationMessagePolicy: 'File', imagePullPolicy: 'IfNotPresent' });
});

test('a webhook that wants it is asked again when a later one changed the object, together with the plugins of the server', async (t) => {
  const api = await open(t, (r, path) => {
    if (path === '/b-late') return r.object?.data?.['late'] ? allow() : patch({ op: 'add', path: '/data/late', value: 'x' });
    return patch({ op: 'replace', path: '/data/seen', value: Object.keys(r.object?.data ?? {}).toSorted().join() });
  });
  await register(api, 'Mutating', 'again', webhook(api.hooks, 'a-early', [rule(['configmaps'])], { reinvocationPolicy: 'IfNeeded' }), webhook(api.hooks, 'b-late', [rule(['configmaps'])]));
  t.is((await api.create(CONFIG_MAPS, configMap('twice', { seen: '' }))).answer.data?.['seen'], 'late,seen');
  t.is(api.hooks.requests.length, 3, 'the late one, which does not want it, once');
});

test('conditions decide who is asked, and one that does not compile is refused', async (t) => {
  const api = await open(t, () => patch({ op: 'add', path: '/data/mutated', value: 'yes' }));
  const condition = (expression: string) => ({ matchConditions: [{ name: 'skip', expression }] });
  await register(api, 'Mutating', 'cond', webhook(api.hooks, 'cond', [rule(['configmaps'])], condition("object.metadata.name != 'skip-me'")));
  t.is((await api.create(CONFIG_MAPS, configMap('skip-me', { a: 'b' }))).answer.data?.['mutated'], undefined);
  t.is((await api.create(CONFIG_MAPS, configMap('other', { a: 'b' }))).answer.data?.['mutated'], 'yes');
  for (const kind of ['Mutating', 'Validating'] as const) {
    const error = await t.throwsAsync(register(api, kind, 'bad', webhook(api.hooks, 'bad', [rule(['*'])], condition('... [] bad expression'))));
    t.regex(error?.message ?? '', /webhooks\[0\]\.matchConditions\[0\]\.expression: Invalid value: .*compilation failed/);
  }
});

test('configurations of webhooks are beyond the webhooks', async (t) => {
  const api = await open(t, (r) => (r.operation === 'DELETE' ? deny('kept') : patch({ op: 'add', path: '/metadata/labels/mutated', value: 'yes' })));
  await register(api, 'Validating', 'a-guard', webhook(api.hooks, 'guard', [rule(['*'], ['DELETE'], 'admissionregistration.k8s.io')]));
  await register(api, 'Mutating', 'b-change', webhook(api.hooks, 'change', [rule(['*'], ['*'], 'admissionregistration.k8s.io')]));
  await register(api, 'Validating', 'dummy', webhook(api.hooks, 'dummy', [rule(['*'], ['CREATE'], 'none')]));
  const { answer } = await api.send('GET', `${GROUP}/validatingwebhookconfigurations/dummy`);
  t.is(answer.metadata.labels?.['mutated'], undefined);
  t.is((await api.send('DELETE', `${GROUP}/validatingwebhookconfigurations/dummy`)).code, 200);
  t.is(api.hooks.requests.length, 0);
});

test('deletion, subresources and dry runs are asked about too', async (t) => {
  const api = await open(t, (r) => (r.operation === 'DELETE' && r.oldObject !== null ? deny('kept') : allow()));
  await account(api);
  await register(api, 'Validating', 'all', webhook(api.hooks, 'all', [rule(['*/*'], ['*'])]));
  await api.create(CONFIG_MAPS, configMap('kept'));
  const kept = await api.send('DELETE', `${CONFIG_MAPS}/kept`, undefined, { query: { propagationPolicy: 'Foreground' } });
  t.is(kept.message, 'admission webhook "all.example.com" denied the request: kept');
  t.like(api.hooks.requests.at(-1), { operation: 'DELETE', object: null, options: { kind: 'DeleteOptions', propagationPolicy: 'Foreground' } });
  await api.create(PODS, pod('p'));
  await api.send('PATCH', `${PODS}/p/status`, { status: { phase: 'Running' } }, { contentType: 'application/merge-patch+json' });
  t.like(api.hooks.requests.at(-1), { operation: 'UPDATE', subResource: 'status' });
  await api.create(`${PODS}/p/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } });
  t.like(api.hooks.requests.at(-1), { operation: 'CREATE', subResource: 'binding', kind: { kind: 'Binding' }, resource: { resource: 'pods' } });
  await api.create(`${PODS}/p/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } });
  t.like(api.hooks.requests.at(-1), { operation: 'CREATE', subResource: 'eviction', kind: { group: 'policy', version: 'v1', kind: 'Eviction' } });
  await api.create(CONFIG_MAPS, configMap('dry'), { dryRun: 'All' });
  t.like(api.hooks.requests.at(-1), { dryRun: true, options: { dryRun: ['All'] } });
});

test('each object of a collection that is deleted is shown, but no name is', async (t) => {
  const api = await open(t, (r) => (r.oldObject !== null && (r.oldObject as unknown as KubeObject).metadata.name === 'kept' ? deny('kept') : allow()));
  for (const name of ['gone', 'kept']) await api.create(CONFIG_MAPS, configMap(name, {}, { which: name }));
  await register(api, 'Validating', 'all', webhook(api.hooks, 'all', [rule(['configmaps'], ['DELETE'])]));
  const remove = (name: string) => api.send('DELETE', CONFIG_MAPS, undefined, { query: { labelSelector: `which=${name}` } });
  t.is((await remove('gone')).code, 200);
  t.like(api.hooks.requests.at(-1), { operation: 'DELETE', name: undefined, namespace: 'default', object: null, oldObject: { metadata: { name: 'gone' } } });
  t.is((await remove('kept')).message, 'admission webhook "all.example.com" denied the request: kept');
  t.is((await api.send('GET', `${CONFIG_MAPS}/kept`)).code, 200);
});

test('webhooks read the nulls that Go writes, and their patches may test them', async (t) => {
  const api = await open(t, () => patch({ op: 'test', path: '/rules', value: null }, { op: 'replace', path: '/rules', value: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }));
  await register(api, 'Mutating', 'fills', webhook(api.hooks, 'fills', [rule(['roles'], ['CREATE'], 'rbac.authorization.k8s.io')]));
  const { code, answer } = await api.create('/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name: 'a' } });
  t.is(code, 201);
  t.is((answer as unknown as { readonly rules: readonly object[] }).rules.length, 1);
});

test('a scale is one to the webhooks too', async (t) => {
  const api = await open(t, (r) => (r.subResource === 'scale' ? deny('too large') : allow()));
  await register(api, 'Validating', 'all', webhook(api.hooks, 'all', [rule(['*/*'], ['*'], 'apps')]));
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } };
  await api.create('/apis/apps/v1/namespaces/default/deployments', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } });
  const denied = await api.send('PATCH', '/apis/apps/v1/namespaces/default/deployments/d/scale', { spec: { replicas: 5 } }, { contentType: 'application/merge-patch+json' });
  t.is(denied.message, 'admission webhook "all.example.com" denied the request: too large');
  t.like(api.hooks.requests.at(-1), { operation: 'UPDATE', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, object: { spec: { replicas: 5 } }, oldObject: { spec: { replicas: 1 } } });
});

test('an update or a deletion of a configuration takes it out of force', async (t) => {
  const api = await open(t, () => deny('no'));
  const path = `${GROUP}/validatingwebhookconfigurations`;
  await register(api, 'Validating', 'one', webhook(api.hooks, 'one', [rule(['configmaps'])]));
  t.is((await api.create(CONFIG_MAPS, configMap('a'))).code, 400);
  const change = (operations: readonly string[]) => api.send('PATCH', `${path}/one`, [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: operations }], { contentType: 'application/json-patch+json' });
  t.is((await change(['UPDATE'])).code, 200);
  await waitFor(async () => (await api.create(CONFIG_MAPS, configMap('a'))).code === 201, { what: 'the webhook is not asked' });
  await change(['CREATE']);
  await waitFor(async () => (await api.create(CONFIG_MAPS, configMap('b'), { dryRun: 'All' })).code === 400, { what: 'the webhook is asked' });
  t.is((await api.send('DELETE', path, undefined, { query: { labelSelector: 'e2e=yes' } })).code, 200);
  await waitFor(async () => (await api.create(CONFIG_MAPS, configMap('c'))).code === 201, { what: 'the webhook is gone' });
});


test('whoever writes owns what it sent, not what webhooks add, at a creation and at an update', async (t) => {
  const api = await open(t, () => patch({ op: 'add', path: '/data/added', value: 'x' }));
  await register(api, 'Mutating', 'adds', webhook(api.hooks, 'adds', [rule(['configmaps'], ['CREATE', 'UPDATE'])]));
  const owned = ({ answer }: { readonly answer: Answer }): unknown => answer.metadata.managedFields?.map(({ fieldsV1 }) => fieldsV1);
  t.deepEqual(owned(await api.create(CONFIG_MAPS, configMap('a', { b: '1' }))), [{ 'f:data': { '.': {}, 'f:b': {} } }]);
  const updated = await api.send('PUT', `${CONFIG_MAPS}/a`, configMap('a', { b: '2' }));
  t.is(updated.answer.data?.['added'], 'x');
  t.deepEqual(owned(updated), [{ 'f:data': { '.': {}, 'f:b': {} } }]);
});

test('webhooks are shown who owns what, with the write at hand, and may write it', async (t) => {
  const api = await open(t, (_, path) => (path === '/renames' ? patch({ op: 'replace', path: '/metadata/managedFields/0/manager', value: 'renamed' }) : path === '/forgets' ? patch({ op: 'remove', path: '/metadata/managedFields' }) : path === '/empties' ? patch({ op: 'replace', path: '/metadata/managedFields', value: [] }) : allow()));
  await account(api);
  const owners = (object: unknown): readonly string[] | undefined => (object as KubeObject).metadata.managedFields?.map(({ manager, operation, subresource = '' }) => [operation, manager, subresource].join(' ').trimEnd());
  const shown = (): readonly (readonly string[] | undefined)[] => [api.hooks.requests.at(-1)?.oldObject, api.hooks.requests.at(-1)?.object].map((object) => (object ? owners(object) : undefined));
  await register(api, 'Validating', 'sees', webhook(api.hooks, 'sees', [rule(['*/*'], ['CREATE', 'UPDATE'])]));
  await api.create(CONFIG_MAPS, configMap('a', { b: '1' }), { fieldManager: 'maker' });
  t.deepEqual(shown(), [undefined, ['Update maker']]);
  await api.send('PUT', `${CONFIG_MAPS}/a`, configMap('a', { b: '2' }), { query: { fieldManager: 'writer' } });
  t.deepEqual(shown(), [['Update maker'], ['Update maker', 'Update writer']]);
  await api.send('PATCH', `${CONFIG_MAPS}/a`, { data: { c: '3' } }, { contentType: 'application/merge-patch+json', query: { fieldManager: 'patcher' } });
  t.is(shown()[1]?.length, 3);
  await api.create(PODS, pod('p'), { fieldManager: 'maker' });
  await api.send('PATCH', `${PODS}/p/status`, { status: { phase: 'Running' } }, { contentType: 'application/merge-patch+json', query: { fieldManager: 'node' } });
  t.deepEqual(shown(), [['Update maker'], ['Update maker', 'Update node status']]);
  await api.send('PATCH', `${PODS}/p/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'look', image: 'i' }] } }, { contentType: 'application/strategic-merge-patch+json', query: { fieldManager: 'looker' } });
  t.true(shown()[1]?.includes('Update looker ephemeralcontainers'));

  await register(api, 'Mutating', 'writes', webhook(api.hooks, 'renames', [rule(['secrets'])]), webhook(api.hooks, 'forgets', [rule(['endpoints'])]), webhook(api.hooks, 'empties', [rule(['limitranges'])]));
  t.deepEqual(owners((await api.create('/api/v1/namespaces/default/secrets', { metadata: { name: 'a' }, data: { b: '' } })).answer), ['Update renamed']);
  for (const plural of ['endpoints', 'limitranges']) {
    const { answer, warnings } = await api.create(`/api/v1/namespaces/default/${plural}`, { metadata: { name: 'a', labels: { b: 'c' } } });
    t.deepEqual([owners(answer), warnings.filter((warning) => warning.includes('managedFields'))], [undefined, []]);
  }
});

test('a record of owners that a webhook broke is as it was, and an owner that it repeated counts once; the client is told', async (t) => {
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u-1' };
  const api = await open(t, (_, path) => (path === '/record' ? patch({ op: 'remove', path: '/metadata/managedFields/0/apiVersion' }) : patch({ op: 'add', path: '/metadata/ownerReferences/-', value: owner })));
  await register(api, 'Mutating', 'broken', webhook(api.hooks, 'record', [rule(['configmaps'])]), webhook(api.hooks, 'owner', [rule(['secrets'])]));
  const applied = await api.send('PATCH', `${CONFIG_MAPS}/a`, configMap('a', { b: 'c' }), { query: { fieldManager: 'me' }, contentType: 'application/apply-patch+yaml' });
  t.like(applied.answer.metadata.managedFields?.[0], { manager: 'me', apiVersion: 'v1', fieldsV1: { 'f:data': { 'f:b': {} } } });
  t.deepEqual(applied.warnings, ['.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: apiVersion must not be empty']);
  const owned = await api.create('/api/v1/namespaces/default/secrets', { metadata: { name: 'a', ownerReferences: [owner] } });
  t.deepEqual(owned.answer.metadata.ownerReferences, [owner]);
  t.regex(owned.warnings.join(), /^\.metadata\.ownerReferences contains duplicate entries after mutating admission happens; .*: u-1$/);
});

test('answers that are no reviews are failures; warnings reach the client', async (t) => {
  const bad: Readonly<Record<string, object>> = { uid: { uid: 'other', allowed: true }, patched: { allowed: true, patch: 'W10=', patchType: 'JSONPatch' }, warned: { allowed: true, warnings: ['mind this'] } };
  const api = await open(t, (r) => bad[r.object?.metadata.name ?? ''] ?? allow());
  await register(api, 'Validating', 'odd', webhook(api.hooks, 'odd', [rule(['configmaps'])]));
  t.regex((await api.create(CONFIG_MAPS, configMap('uid'))).message, /received invalid webhook response: expected response\.uid="[0-9a-f-]+", got "other"/);
  t.regex((await api.create(CONFIG_MAPS, configMap('patched'))).message, /validating webhook may not return response\.patch$/);
  t.deepEqual((await api.create(CONFIG_MAPS, configMap('warned'))).warnings, ['mind this']);
});

test('configurations are validated with the causes of Kubernetes', async (t) => {
  const api = await open(t);
  const { code, answer } = await api.create(`${GROUP}/mutatingwebhookconfigurations`, {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'bad' },
    webhooks: [
      { name: 'short', clientConfig: { url: 'http://example.com' }, sideEffects: 'Some', admissionReviewVersions: ['v2'], timeoutSeconds: 31, rules: [{ operations: ['*', 'CREATE'], apiGroups: [''], apiVersions: [], resources: ['*/*', 'pods'] }] },
      { name: 'a.b.c', clientConfig: {}, sideEffects: 'None', admissionReviewVersions: ['v1'] }, { name: 'a.b.c', clientConfig: { url: 'https://x' }, sideEffects: 'None', admissionReviewVersions: ['v1'] },
    ],
  });
  t.is(code, 422);
  t.deepEqual((answer.details?.causes ?? []).map((c) => `${c.field}: ${c.message}`), [
    'webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots',
    `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
    'webhooks[0].rules[0].apiVersions: Required value',
    `webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if '*/*' is present, must not specify other resources`,
    'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    'webhooks[1].clientConfig: Required value: exactly one of url or service is required',
    'webhooks[2].name: Duplicate value: "a.b.c"',
  ]);
});

test('what the server writes for itself waits for no webhook, so that a dead one cannot keep it from starting', async (t) => {
  const api = await open(t);
  const services = '/apis/apiregistration.k8s.io/v1/apiservices';
  await register(api, 'Mutating', 'dead', { ...webhook(api.hooks, 'dead', [rule(['*'], ['*'], 'apiregistration.k8s.io')]), clientConfig: { url: 'https://127.0.0.1:1' } });
  t.is((await api.create(services, { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.b.example.com' }, spec: { group: 'b.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } })).answer.reason, 'InternalError');
  await api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'noxus.a.example.com' },
    spec: { group: 'a.example.com', scope: 'Namespaced', names: { plural: 'noxus', kind: 'Noxu' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  await waitFor(async () => (await api.send('GET', `${services}/v1.a.example.com`)).code === 200, { what: 'the server has registered the definition as an APIService' });
});

test('reviews are asked about like any creation, and answered as mutated', async (t) => {
  const api = await open(t, ({ object }) => (object?.kind === 'TokenReview' ? deny('no tokens') : patch({ op: 'replace', path: '/spec/user', value: 'kubernetes-admin' }, { op: 'add', path: '/spec/groups', value: ['system:masters'] })));
  await register(api, 'Mutating', 'reviews', webhook(api.hooks, 'reviews', [rule(['tokenreviews'], ['CREATE'], 'authentication.k8s.io'), rule(['subjectaccessreviews', 'localsubjectaccessreviews'], ['CREATE'], 'authorization.k8s.io')]));
  const token = await api.create('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'x' } });
  t.is(token.message, 'admission webhook "reviews.example.com" denied the request: no tokens');
  const spec = { user: 'nobody', resourceAttributes: { verb: 'delete', resource: 'nodes', namespace: 'absent' } };
  for (const [path, kind] of [['subjectaccessreviews', 'SubjectAccessReview'], ['namespaces/absent/localsubjectaccessreviews', 'LocalSubjectAccessReview']] as const) {
    const { answer, code, message } = await api.create(`/apis/authorization.k8s.io/v1/${path}`, { apiVersion: 'authorization.k8s.io/v1', kind, spec });
    t.is(code, 201, message);
    t.like(answer, { spec: { user: 'kubernetes-admin' }, status: { allowed: true } });
  }
});
