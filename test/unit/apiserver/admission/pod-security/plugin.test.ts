import test from 'ava';
import { DEFAULT_ADMISSION } from '#apiserver/admission/configuration.ts';
import { parsePodSecurity, UNCONFIGURED } from '#apiserver/admission/pod-security/configuration.ts';
import { openApi } from '#test/support/api-calls.ts';
import { ADMIN } from '#test/support/control-plane.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] } });
const labels = (values: Readonly<Record<string, string | null>>) => ({ metadata: { labels: Object.fromEntries(Object.entries(values).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value])) } });

test('a level that is enforced refuses pods, one that warns lets them pass with a warning', async (t) => {
  const api = await openApi(t);
  await api.patch(NAMESPACE, labels({ warn: 'baseline' }));
  const passed = await api.post(`${NAMESPACE}/pods`, pod('a'));
  t.is(passed.code, 201);
  t.deepEqual(passed.warnings, ['would violate PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)']);
  const enforced = await api.patch(NAMESPACE, labels({ enforce: 'baseline', 'enforce-version': 'v1.30' }));
  t.deepEqual(enforced.warnings, ['existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:v1.30"', 'a: privileged']);
  const refused = await api.post(`${NAMESPACE}/pods`, pod('b'));
  t.is(refused.code, 403);
  t.is(refused.message, 'pods "b" is forbidden: violates PodSecurity "baseline:v1.30": privileged (container "c" must not set securityContext.privileged=true)');
});

test('a level that changes is checked against pods whose runtime is not exempt, one of each owner first', async (t) => {
  const api = await openApi(t, { admission: { ...DEFAULT_ADMISSION, podSecurity: { ...UNCONFIGURED, exemptions: { ...UNCONFIGURED.exemptions, runtimeClasses: new Set(['free']) } } } });
  await api.post('/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name: 'free' }, handler: 'h' });
  const owned = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u', controller: true }] };
  for (const name of ['a', 'b']) await api.post(`${NAMESPACE}/pods`, { ...pod(name), metadata: { name, ...owned } });
  await api.post(`${NAMESPACE}/pods`, { ...pod('c'), spec: { ...pod('c').spec, runtimeClassName: 'free' } });
  await api.post(`${NAMESPACE}/pods`, { ...pod('d'), spec: { ...pod('d').spec, hostNetwork: true } });
  t.deepEqual((await api.patch(NAMESPACE, labels({ enforce: 'baseline' }))).warnings, ['existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"', 'a (and 1 other pod): privileged', 'd: host namespaces, privileged']);
});

test('a template is let in with a warning', async (t) => {
  const api = await openApi(t);
  // A level that is enforced warns too, unless the namespace says otherwise.
  await api.patch(NAMESPACE, labels({ enforce: 'baseline' }));
  const { spec } = pod('');
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } } };
  const { code, warnings } = await api.post('/apis/apps/v1/namespaces/default/deployments', deployment);
  t.is(code, 201);
  t.is(warnings.length, 1);
  await api.patch(NAMESPACE, labels({ warn: 'privileged' }));
  t.deepEqual((await api.post('/apis/apps/v1/namespaces/default/deployments', { ...deployment, metadata: { name: 'e' } })).warnings, []);
});

test('labels that mean nothing are refused', async (t) => {
  const api = await openApi(t);
  const { code, message } = await api.patch(NAMESPACE, labels({ enforce: 'strict' }));
  t.is(code, 422);
  t.is(message, 'Namespace "default" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted');
});

test('an ephemeral container is held to the level too', async (t) => {
  const api = await openApi(t);
  await api.post(`${NAMESPACE}/pods`, { ...pod('a'), spec: { containers: [{ name: 'c', image: 'i' }] } });
  await api.patch(NAMESPACE, labels({ enforce: 'baseline' }));
  const { code } = await api.patch(`${NAMESPACE}/pods/a/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i', securityContext: { privileged: true } }] } });
  t.is(code, 403);
});

test('a namespace and its pods in one transaction: the labels hold at once', async (t) => {
  const api = await openApi(t);
  const items = [
    { apply: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'new', ...labels({ enforce: 'baseline' }).metadata } } },
    { apply: { ...pod('a'), spec: { ...pod('a').spec, nodeName: 'n' }, metadata: { name: 'a', namespace: 'new', annotations: { 'kubernetes.io/config.mirror': 'x' } } } },
  ];
  const { body } = await api.post('/apis/headway.dev/v1/transactions', { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: { name: 't' }, spec: { fieldManager: 'sync', items } });
  t.false(body.status.committed);
  t.regex(body.status.items[1].error.message, /violates PodSecurity "baseline:latest"/);
});

const configured = (rest: object) => ({ admission: { ...DEFAULT_ADMISSION, podSecurity: parsePodSecurity({ apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration', ...rest }, '') } });
const BASELINE = { defaults: { enforce: 'baseline' } };

test('a namespace that says nothing has the configured level, and its labels go before it', async (t) => {
  const api = await openApi(t, configured(BASELINE));
  t.regex((await api.post(`${NAMESPACE}/pods`, pod('a'))).message, /violates PodSecurity "baseline:latest"/);
  await api.patch(NAMESPACE, labels({ enforce: 'privileged' }));
  t.is((await api.post(`${NAMESPACE}/pods`, pod('a'))).code, 201);
});

for (const [what, exemptions, spec, code] of [
  ['an exempt user', { usernames: [ADMIN.name] }, {}, 201],
  ['another user', { usernames: ['ann'] }, {}, 403],
  ['an exempt namespace', { namespaces: ['default'] }, {}, 201],
  ['an exempt runtime class', { runtimeClasses: ['kata'] }, { runtimeClassName: 'kata' }, 201],
  ['another runtime class', { runtimeClasses: ['kata'] }, { runtimeClassName: 'runc' }, 403],
] as const) {
  test(`exemptions: ${what}`, async (t) => {
    const api = await openApi(t, configured({ ...BASELINE, exemptions }));
    for (const name of ['kata', 'runc']) await api.post('/apis/node.k8s.io/v1/runtimeclasses', { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: name });
    const made = pod('a');
    t.is((await api.post(`${NAMESPACE}/pods`, { ...made, spec: { ...made.spec, ...spec } })).code, code);
  });
}

test('whoever labels an exempt namespace is told that nobody heeds it', async (t) => {
  const api = await openApi(t, configured({ exemptions: { namespaces: ['default', 'free'] } }));
  const ignored = (name: string) => `namespace "${name}" is exempt from Pod Security, and the policy (enforce=restricted:latest, warn=restricted:latest) will be ignored`;
  t.deepEqual((await api.patch(NAMESPACE, labels({ enforce: 'restricted' }))).warnings, [ignored('default')]);
  t.deepEqual((await api.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'free', ...labels({ enforce: 'restricted' }).metadata } })).warnings, [ignored('free')]);
});

test('without a configuration nobody is exempt', (t) => {
  t.deepEqual(parsePodSecurity({ apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' }, ''), UNCONFIGURED);
});
