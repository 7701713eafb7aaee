import anyTest, { type TestFn } from 'ava';
import { ask, type PlaneContext, withPlane } from '#test/support/rule-table.ts';
import { startWebhookServer, deny } from '#test/support/webhook-server.ts';
import { waitFor } from '#test/support/wait.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const told = async ({ plane }: PlaneContext, path = '/metrics'): Promise<string> => (await ask(plane, { path })).body.toString();

test('what dashboards and alerts of Kubernetes look for is there', async (t) => {
  const { plane } = t.context;
  await ask(plane, { path: '/api/v1/namespaces/default/endpoints' });
  await ask(plane, { method: 'POST', path: CONFIG_MAPS, body: { metadata: { name: 'counted' } } });
  await ask(plane, { path: `${CONFIG_MAPS}?watch=true&timeoutSeconds=1` });
  await ask(plane, { path: CONFIG_MAPS, headers: { 'impersonate-user': 'system:node:n' } });
  const text = await told(t.context);
  for (const line of [
    /^kubernetes_build_info\{major="1",minor="36",git_version="v1\.36\.0\+headway",.*\} 1$/m,
    /^apiserver_requested_deprecated_apis\{group="",version="v1",resource="endpoints",subresource="",removed_release=""\} 1$/m,
    /^apiserver_resource_objects\{group="",resource="configmaps"\} [1-9]\d*$/m,
    /^apiserver_storage_objects\{resource="configmaps"\} [1-9]\d*$/m,
    /^apiserver_request_sli_duration_seconds_bucket\{verb="POST",group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver",le="60"\} 1$/m,
    /^apiserver_client_certificate_expiration_seconds_bucket\{le="604800"\} 0$/m,
    /^apiserver_client_certificate_expiration_seconds_count [1-9]\d*$/m,
    /^apiserver_impersonation_attempts_total\{mode="arbitrary-node",decision="allowed"\} 1$/m,
    /^apiserver_impersonation_authorization_attempts_total\{mode="arbitrary-node",decision="allowed"\} 2$/m,
    /^serviceaccount_stale_tokens_total 0$/m,
    /^aggregator_unavailable_apiservice\{name="v1\.apps"\} 0$/m,
  ]) t.regex(text, line);
  t.notRegex(text, /^apiserver_request_sli_duration_seconds_bucket\{verb="WATCH"/m);
  t.notRegex(text, /^apiserver_requested_deprecated_apis\{group="",version="v1",resource="configmaps"/m);
});

test('webhooks are counted by what they said, and when they fail', async (t) => {
  const { plane } = t.context;
  const hook = await startWebhookServer(t, () => deny('no', { code: 403 }));
  const webhook = (name: string, url: string, more: object): object => ({
    name, clientConfig: { url, caBundle: hook.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }], ...more,
  });
  await ask(plane, { method: 'POST', path: REGISTRATION, body: { metadata: { name: 'counted' }, webhooks: [webhook('denies.example.com', hook.url, {}), webhook('open.example.com', 'https://127.0.0.1:1/', { failurePolicy: 'Ignore' })] } });
  t.teardown(() => ask(plane, { method: 'DELETE', path: `${REGISTRATION}/counted` }));
  t.is((await ask(plane, { method: 'POST', path: '/api/v1/namespaces/default/secrets', body: { metadata: { name: 'a' } } })).status, 403);
  const text = await told(t.context);
  t.regex(text, /^apiserver_admission_webhook_admission_duration_seconds_count\{name="denies\.example\.com",operation="CREATE",rejected="true",type="validating"\} 1$/m);
  t.regex(text, /^apiserver_admission_webhook_rejection_count\{error_type="no_error",name="denies\.example\.com",operation="CREATE",rejection_code="403",type="validating"\} 1$/m);
  t.regex(text, /^apiserver_admission_webhook_admission_duration_seconds_count\{name="open\.example\.com",operation="CREATE",rejected="false",type="validating"\} 1$/m);
  t.regex(text, /^apiserver_admission_webhook_fail_open_count\{name="open\.example\.com",type="validating"\} 1$/m);
});

test('an API that is not available is told of', async (t) => {
  const { plane } = t.context;
  const services = '/apis/apiregistration.k8s.io/v1/apiservices';
  await ask(plane, { method: 'POST', path: services, body: { metadata: { name: 'v1.absent.example.com' }, spec: { group: 'absent.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, insecureSkipTLSVerify: true, service: { namespace: 'default', name: 'absent' } } } });
  t.teardown(() => ask(plane, { method: 'DELETE', path: `${services}/v1.absent.example.com` }));
  await waitFor(async () => /^aggregator_unavailable_apiservice_total\{name="v1\.absent\.example\.com",reason="ServiceNotFound"\} [1-9]/m.test(await told(t.context)), { what: 'the check to be counted' });
  t.regex(await told(t.context), /^aggregator_unavailable_apiservice\{name="v1\.absent\.example\.com"\} 1$/m);
});

// What Kubernetes' own test of its health handlers looks for, in the names of 1.36.
test('the parts of the server are told by the names that they have in Kubernetes', async (t) => {
  const hooks = ['start-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'bootstrap-controller',
    'start-system-namespaces-controller', 'scheduling/bootstrap-system-priority-classes', 'rbac/bootstrap-roles', 'start-cluster-authentication-info-controller', 'start-kube-aggregator-informers',
    'apiservice-registration-controller', 'kube-apiserver-autoregistration', 'apiservice-openapi-controller'].map((name) => `poststarthook/${name}`);
  for (const [endpoint, more] of [['livez', []], ['healthz', ['etcd']], ['readyz', ['etcd', 'informer-sync', 'shutdown']]] as const) {
    const lines = (await told(t.context, `/${endpoint}?verbose`)).split('\n');
    for (const name of ['ping', 'log', 'autoregister-completion', ...hooks, ...more]) t.true(lines.includes(`[+]${name} ok`), `${endpoint}: ${name}`);
    t.is(await told(t.context, `/${endpoint}/poststarthook/rbac/bootstrap-roles`), 'ok');
  }
});

test('health checks are metrics of their own', async (t) => {
  const lines = (await told(t.context, '/livez?exclude=ping&verbose&exclude=log')).trimEnd().split('\n');
  t.deepEqual([...lines.slice(0, 2), lines.at(-1)], ['[+]ping excluded: ok', '[+]log excluded: ok', 'livez check passed']);
  await ask(t.context.plane, { path: '/readyz' });
  const text = await told(t.context, '/metrics/slis');
  t.regex(text, /^kubernetes_healthcheck\{name="ping",type="livez"\} 1$/m);
  t.regex(text, /^kubernetes_healthchecks_total\{name="etcd",status="success",type="readyz"\} [1-9]\d*$/m);
});
