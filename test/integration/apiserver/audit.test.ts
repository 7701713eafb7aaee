import test from 'ava';
import type { ApiServer } from '#apiserver/api-server.ts';
import { AuditPolicy } from '#apiserver/audit/policy.ts';
import { issueCertificate } from '#apiserver/pki/certificates.ts';
import { AuditLines, auditPolicy as policy } from '#test/support/audit-lines.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { ADMIN, startControlPlane } from '#test/support/control-plane.ts';
import { allow, patch, startWebhookServer } from '#test/support/webhook-server.ts';
import { https } from '#test/support/https.ts';
import { waitFor } from '#test/support/wait.ts';

class Lines extends AuditLines {
  of(stage: string, resource: string): any {
    return this.events.findLast((e) => e.stage === stage && e.objectRef?.resource === resource && e.user.username === ADMIN.name);
  }
}
const SECRETS = '/api/v1/namespaces/default/secrets';
const secret = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: 'geheim' }, ...more });
const create = (api: ApiServer, path: string, body: object) => api.handle({ method: 'POST', path, body, userAgent: 'test/1' }, ADMIN);

test('a write is recorded with who, what, whether it was allowed, and its outcome', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  t.is((await create(api, SECRETS, secret('a'))).status, 201);
  const event = sink.of('ResponseComplete', 'secrets');
  t.like(event, { kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', verb: 'create', requestURI: SECRETS, userAgent: 'test/1', objectRef: { resource: 'secrets', namespace: 'default', name: 'a', apiVersion: 'v1' }, responseStatus: { code: 201 } });
  t.is(event.annotations['authorization.k8s.io/decision'], 'allow');
  t.regex(event.requestReceivedTimestamp, /^\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z$/);
  t.is(sink.of('RequestReceived', 'secrets').auditID, event.auditID);
  t.false(JSON.stringify(sink.events).includes('geheim'), 'no content at this level');
});

test('contents are recorded when the policy asks, tokens never', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('RequestResponse'), sink } });
  await create(api, SECRETS, secret('a'));
  t.is(sink.of('ResponseComplete', 'secrets').requestObject.stringData.password, 'geheim');
  await create(api, SECRETS, secret('boot', { type: 'bootstrap.kubernetes.io/token', stringData: { 'token-secret': 'sesam' } }));
  await create(api, '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'sesam' } });
  await api.handle({ method: 'GET', path: SECRETS, query: { token: 'sesam' } }, ADMIN);
  const text = JSON.stringify(sink.events);
  t.false(text.includes('sesam'));
  t.false(text.includes(Buffer.from('sesam').toString('base64')));
});

test('what is answered is recorded as clients read it, with the nulls that Go writes', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('RequestResponse'), sink } });
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
  await create(api, roles, { metadata: { name: 'a' } });
  t.is(sink.of('ResponseComplete', 'roles').responseObject.rules, null);
  await api.handle({ method: 'GET', path: roles }, ADMIN);
  t.deepEqual(sink.of('ResponseComplete', 'roles').responseObject.items.map(({ rules }: { readonly rules: unknown }) => rules), [null]);
});

test('what pod security thinks of a pod is recorded', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held', labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/audit': 'restricted' } } };
  await create(api, '/api/v1/namespaces', namespace);
  const pod = { metadata: { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i', securityContext: { runAsNonRoot: false } }] } };
  await create(api, '/api/v1/namespaces/held/pods', pod);
  const { annotations } = sink.of('ResponseComplete', 'pods');
  t.is(annotations['pod-security.kubernetes.io/enforce-policy'], 'baseline:latest');
  t.regex(annotations['pod-security.kubernetes.io/audit-violations'], /^would violate PodSecurity "restricted:latest": /);
});

test('who acts as another is recorded, with what allowed it for this one request; who may not is recorded as himself', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: new AuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata', users: [ADMIN.name, 'eve'] }] }), sink } });
  const list = (name: string, impersonate: string, groups: readonly string[]) => api.handle({ method: 'GET', path: SECRETS, impersonate }, { name, groups });
  await list(ADMIN.name, 'system:node:n', ADMIN.groups);
  const [received, complete] = ['RequestReceived', 'ResponseComplete'].map((stage) => sink.of(stage, 'secrets'));
  t.deepEqual([received.user.username, received.impersonatedUser, received.authenticationMetadata], [ADMIN.name, undefined, undefined]);
  t.deepEqual(complete.impersonatedUser, { username: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] });
  t.deepEqual(complete.authenticationMetadata, { impersonationConstraint: 'impersonate:arbitrary-node' });
  t.is((await list('eve', 'bob', [])).status, 403);
  const refused = sink.events.at(-1);
  t.deepEqual([refused.user.username, refused.impersonatedUser, refused.responseStatus.code], ['eve', undefined, 403]);
});

test('what webhooks say of a deletion is recorded', async (t) => {
  const hooks = await startWebhookServer(t, () => ({ allowed: true, auditAnnotations: { why: 'nobody needs it' } }));
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  const webhook = { name: 'hook.example.com', clientConfig: { url: hooks.url, caBundle: hooks.caBundle }, rules: [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }], sideEffects: 'None', admissionReviewVersions: ['v1'] };
  const plural = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await create(api, plural, { metadata: { name: 'hooks' }, webhooks: [webhook] });
  await api.handle({ method: 'GET', path: plural }, ADMIN);
  await create(api, '/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } });
  t.is((await api.handle({ method: 'DELETE', path: '/api/v1/namespaces/default/configmaps/a' }, ADMIN)).status, 200);
  t.is(sink.of('ResponseComplete', 'configmaps').annotations['hook.example.com/why'], 'nobody needs it');
});

test('what webhooks change is recorded, as are those that failed and let pass', async (t) => {
  const hooks = await startWebhookServer(t, (_, path) => (path === '/label' ? patch({ op: 'add', path: '/metadata/labels', value: { by: 'webhook' } }) : path === '/broken' ? { uid: 'of another review' } : allow()));
  const webhook = (name: string) => ({ name: `${name}.example.com`, clientConfig: { url: `${hooks.url}/${name}`, caBundle: hooks.caBundle }, rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'secrets'] }], sideEffects: 'None', admissionReviewVersions: ['v1'], failurePolicy: 'Ignore' });
  const annotationsAt = async (level: string, path: string, body: object): Promise<Readonly<Record<string, string>>> => {
    const sink = new Lines();
    const api = await startInProcessApi(t, { audit: { policy: policy(level), sink } });
    for (const [kind, webhooks] of [['Mutating', [webhook('noop'), webhook('label'), webhook('broken')]], ['Validating', [webhook('broken')]]] as const) {
      const plural = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`;
      await create(api, plural, { metadata: { name: 'hooks' }, webhooks });
      // A read that is not from the cache shows that the cache has the configuration.
      await api.handle({ method: 'GET', path: plural }, ADMIN);
    }
    t.is((await create(api, path, body)).status, 201);
    return Object.fromEntries(Object.entries(sink.of('ResponseComplete', path.split('/').at(-1) ?? '').annotations as Record<string, string>).filter(([key]) => key.includes('webhook')));
  };
  const mutation = (index: number, name: string, mutated: boolean) => ({ [`mutation.webhook.admission.k8s.io/round_0_index_${index}`]: JSON.stringify({ configuration: 'hooks', webhook: `${name}.example.com`, mutated }) });
  const always = {
    ...mutation(0, 'noop', false), ...mutation(1, 'label', true), ...mutation(2, 'broken', false),
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_2': 'broken.example.com', 'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'broken.example.com',
  };
  const patched = { 'patch.webhook.admission.k8s.io/round_0_index_1': '{"configuration":"hooks","webhook":"label.example.com","patch":[{"op":"add","path":"/metadata/labels","value":{"by":"webhook"}}],"patchType":"JSONPatch"}' };
  const configMap = ['/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } }] as const;
  t.deepEqual(await annotationsAt('Metadata', ...configMap), always);
  t.deepEqual(await annotationsAt('Request', ...configMap), { ...always, ...patched });
  t.deepEqual(await annotationsAt('Request', SECRETS, secret('a')), always, 'a patch may hold a token');
});

test('a namespace is recorded as lying in itself, a list by the name that it selects, and of who asks no more than can be read', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  await api.handle({ method: 'GET', path: '/api/v1/namespaces/default', userAgent: 'x'.repeat(2_000) }, ADMIN);
  const event = sink.of('ResponseComplete', 'namespaces');
  t.like(event.objectRef, { namespace: 'default', name: 'default' });
  t.is(event.userAgent, `${'x'.repeat(1_024)}...TRUNCATED`);
  await api.handle({ method: 'GET', path: SECRETS, query: { fieldSelector: 'metadata.name=a' } }, ADMIN);
  t.like(sink.of('ResponseComplete', 'secrets').objectRef, { namespace: 'default', name: 'a' });
});

test('a refused request is recorded with its reason', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  await api.handle({ method: 'GET', path: SECRETS }, { name: 'kubernetes-admin', groups: [] });
  const event = sink.of('ResponseComplete', 'secrets');
  t.like(event.responseStatus, { code: 403, reason: 'Forbidden' });
  t.is(event.annotations['authorization.k8s.io/decision'], 'forbid');
});

test('over HTTPS a request that is refused before its body is read, or for want of its form, is recorded with its reason too', async (t) => {
  const sink = new AuditLines();
  const plane = await startControlPlane({ audit: { policy: policy('Metadata'), sink } });
  t.teardown(() => plane.stop());
  const refused = async (id: string, request: { readonly method: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: object }): Promise<void> => {
    const { status } = await https({ url: `${plane.url}${SECRETS}`, ca: plane.pki.ca, ...request, headers: { ...request.headers, 'audit-id': id } });
    t.is(status, 403);
    const event = await waitFor(() => sink.events.find((e) => e.auditID === id && e.stage === 'ResponseComplete'), { what: `the event of ${id}` });
    t.is(event.annotations['authorization.k8s.io/decision'], 'forbid');
  };
  await refused('a-write', { method: 'POST', body: secret('refused') });
  await refused('the-same-again', { method: 'POST', body: secret('refused') });
  await refused('another-form', { method: 'GET', headers: { accept: 'image/png' } });
});

test('over HTTPS who is not let in is recorded when the answer starts, with what was shown', async (t) => {
  const sink = new AuditLines();
  const plane = await startControlPlane({ audit: { policy: policy('Metadata'), sink } });
  t.teardown(() => plane.stop());
  for (const [id, path, authorization, message] of [
    ['token', SECRETS, 'Bearer wrong', 'Authentication failed, attempted: bearer'],
    ['both', `${SECRETS}?access_token=geheim`, 'Bearer wrong', 'Authentication failed, attempted: bearer, access_token'],
  ] as const) {
    t.is((await https({ url: `${plane.url}${path}`, ca: plane.pki.ca, method: 'GET', headers: { authorization, 'audit-id': id } })).status, 401);
    const event = await waitFor(() => sink.events.find((e) => e.auditID === id), { what: `the event of ${id}` });
    t.like(event, { stage: 'ResponseStarted', verb: 'list', user: {}, objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' } });
    t.deepEqual(event.responseStatus, { metadata: {}, message, code: 401 });
    t.is(sink.events.filter((e) => e.auditID === id).length, 1);
  }
  t.false(JSON.stringify(sink.events).includes('geheim'));
});

test('over HTTPS what nobody can be, what nothing is, and what might have lasted is recorded though it is refused', async (t) => {
  const sink = new AuditLines();
  const plane = await startControlPlane({ audit: { policy: policy('Metadata'), sink } });
  t.teardown(() => plane.stop());
  const { cert, key } = plane.pki.admin;
  const NOTHING = '/apis/nothing.example.com/v1/things/a';
  for (const [id, path, status, stages, like, headers] of [
    ['nobody', SECRETS, 400, ['RequestReceived', 'ResponseComplete'], { verb: 'list', objectRef: { resource: 'secrets' } }, { 'impersonate-group': 'a' }],
    ['nothing', NOTHING, 404, ['RequestReceived', 'ResponseComplete'], { verb: 'get', objectRef: { resource: 'things', apiGroup: 'nothing.example.com', name: 'a' }, annotations: { 'authorization.k8s.io/decision': 'allow' } }, {}],
    ['path', '/nothing', 404, ['RequestReceived', 'ResponseComplete'], { verb: 'get', annotations: { 'authorization.k8s.io/decision': 'allow' } }, {}],
    ['watch', `${SECRETS}?watch=true&fieldSelector=none%3Da`, 400, ['RequestReceived', 'ResponseStarted', 'ResponseComplete'], { verb: 'watch', responseStatus: { code: 400, reason: 'BadRequest' } }, {}],
    ['missing', `${SECRETS}/none`, 404, ['RequestReceived', 'ResponseComplete'], { responseStatus: { code: 404, reason: 'NotFound', details: { name: 'none', kind: 'secrets' } } }, {}],
  ] as const) {
    t.is((await https({ url: `${plane.url}${path}`, ca: plane.pki.ca, cert, key, method: 'GET', headers: { ...headers, 'audit-id': id } })).status, status, id);
    const of = () => sink.events.filter((e) => e.auditID === id);
    await waitFor(() => of().some((e) => e.stage === 'ResponseComplete'), { what: `the event of ${id}` });
    t.deepEqual(of().map((e) => e.stage), [...stages]);
    t.like(of().at(-1), like);
  }
});

test('a certificate may say by itself that its holder is known', async (t) => {
  const sink = new AuditLines();
  const plane = await startControlPlane({ audit: { policy: policy('Metadata'), sink } });
  t.teardown(() => plane.stop());
  for (const organizations of [['dev'], ['system:authenticated', 'dev'], ['system:unauthenticated']]) {
    const { cert, key } = await issueCertificate(plane.pki.authority, { commonName: 'ada', organizations, usages: ['client'] }, Date.now());
    const id = organizations.join();
    await https({ url: `${plane.url}/version`, ca: plane.pki.ca, cert, key, headers: { 'audit-id': id } });
    const { user } = await waitFor(() => sink.events.find((e) => e.auditID === id), { what: `the event of ${id}` });
    t.deepEqual(user.groups, id.includes('authenticated') ? organizations : [...organizations, 'system:authenticated']);
  }
});

test('what sync writes is recorded with its commit and its objects', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  const apply = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } };
  const answer = await create(api, '/apis/headway.dev/v1/transactions', {
    apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: { annotations: { 'headway.dev/commit': 'abc123' } }, spec: { fieldManager: 'headway-sync', items: [{ apply }] },
  });
  t.is(answer.status, 201);
  t.like(sink.of('ResponseComplete', 'transactions').annotations, { 'headway.dev/commit': 'abc123', 'headway.dev/objects': 'apply ConfigMap default/c' });
});

test('what webhooks say of the items of a transaction is recorded, item by item', async (t) => {
  const hooks = await startWebhookServer(t, ({ object }) => ({ allowed: true, auditAnnotations: { name: object?.metadata.name ?? '' } }));
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  const webhook = { name: 'hook.example.com', clientConfig: { url: hooks.url, caBundle: hooks.caBundle }, rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }], sideEffects: 'None', admissionReviewVersions: ['v1'] };
  const plural = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await create(api, plural, { metadata: { name: 'hooks' }, webhooks: [webhook] });
  await api.handle({ method: 'GET', path: plural }, ADMIN);
  const items = ['a', 'b'].map((name) => ({ apply: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } } }));
  t.is((await create(api, '/apis/headway.dev/v1/transactions', { apiVersion: 'headway.dev/v1', kind: 'Transaction', spec: { fieldManager: 'me', items } })).status, 201);
  t.like(sink.of('ResponseComplete', 'transactions').annotations, { 'hook.example.com/name_item_0': 'a', 'hook.example.com/name_item_1': 'b' });
  t.like(hooks.requests[0]?.options, { fieldManager: 'me' });
});

test('a watch is recorded when it starts and when it ends', async (t) => {
  const sink = new Lines();
  const api = await startInProcessApi(t, { audit: { policy: policy('Metadata'), sink } });
  const abort = new AbortController();
  for await (const _ of api.watch({ method: 'GET', path: '/api/v1/namespaces', signal: abort.signal }, ADMIN)) abort.abort();
  t.is(sink.of('ResponseStarted', 'namespaces').verb, 'watch');
  t.is(sink.of('ResponseComplete', 'namespaces').responseStatus.code, 200);
});
