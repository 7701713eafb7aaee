import type { ConfigMap, Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PODS } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { DISALLOW, register, RESOURCE_OF, startWebhooks, webhook, type Configuration, type Rule } from './support/admission-webhook.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom, newDefinition } from './support/custom-resource.ts';
import { isDiscovered, updateLatest } from './support/operations.ts';

const ADMISSION = '[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]';
const CREATE_MAPS: Rule = [['CREATE'], '', 'v1', 'configmaps'];
const pod = (name: string, labels: Readonly<Record<string, string>> = {}, container = 'main') => ({ metadata: { name, labels }, spec: { containers: [{ name: container, image: 'example.org/none:1' }] } });
const createMap = ({ api, namespace }: Scene, name: string, data: Readonly<Record<string, string>>): Promise<ConfigMap & KubeObject> => api.create(CONFIG_MAPS, { metadata: { name }, data }, { namespace }) as Promise<ConfigMap & KubeObject>;

/** Whether ConfigMaps are refused or changed now: changes to configurations take effect at once for whoever made them. */
async function isRefused(scene: Scene, name: string): Promise<boolean> {
  try {
    await createMap(scene, name, DISALLOW);
    return false;
  } catch (error) {
    scene.t.regex((error as Error).message, /the configmap contains unwanted key and value/);
    return true;
  }
}
const isMutated = async (scene: Scene, name: string): Promise<boolean> => (await createMap(scene, name, { 'mutation-start': 'yes' })).data?.['mutation-stage-1'] === 'yes';

behaviour(`${ADMISSION} should include webhook resources in discovery documents [Conformance]`, async (scene) => {
  await isDiscovered(scene, RESOURCE_OF.mutating);
  await isDiscovered(scene, RESOURCE_OF.validating);
});

behaviour(`${ADMISSION} should be able to deny pod and configmap creation [Conformance]`, async (scene) => {
  const { t, api, namespace, unique } = scene;
  const hooks = await startWebhooks(scene);
  const exempt = { namespaceSelector: { matchExpressions: [{ key: unique('skip'), operator: 'DoesNotExist' }, { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace] }] } };
  const isHanging = (operator: string) => ({ objectSelector: { matchExpressions: [{ key: 'webhook-e2e-test', operator, values: ['wait-forever'] }] } });
  await register(scene, 'validating', [
    webhook(scene, 'deny-unwanted-pod-container-name-and-label', hooks.clientConfig('/pods'), [['CREATE'], '', 'v1', 'pods'], isHanging('NotIn')),
    // Another one, as a busy machine may take a second for the answers of the first.
    webhook(scene, 'wait-for-pods', hooks.clientConfig('/pods'), [['CREATE'], '', 'v1', 'pods'], { timeoutSeconds: 1, ...isHanging('In') }),
    webhook(scene, 'deny-unwanted-configmap-data', hooks.clientConfig('/configmaps'), [['CREATE', 'UPDATE', 'DELETE'], '', 'v1', 'configmaps'], exempt),
  ]);
  t.regex((await api.failure(api.create(PODS, pod('unwanted', DISALLOW, 'webhook-disallow'), { namespace }))).message, /^admission webhook "deny-unwanted-pod-container-name-and-label\.k8s\.io" denied the request: the pod contains unwanted label$/);
  t.regex((await api.failure(api.create(PODS, pod('named', {}, 'webhook-disallow'), { namespace }))).message, /the pod contains unwanted container name/);
  const hanging = await api.failure(api.create(PODS, pod('hanging', { 'webhook-e2e-test': 'wait-forever' }), { namespace }));
  t.regex(hanging.message, /failed calling webhook .*context deadline exceeded/);
  t.is((await api.failure(api.get(PODS, 'hanging', { namespace }))).reason, 'NotFound');
  t.true(await isRefused(scene, 'disallowed'));
  await createMap(scene, 'to-be-updated', { admit: 'this' });
  for (const refused of [api.patch(CONFIG_MAPS, 'to-be-updated', 'merge', { data: DISALLOW }, { namespace }), api.get(CONFIG_MAPS, 'to-be-updated', { namespace }).then((live) => api.update(CONFIG_MAPS, { ...live, data: DISALLOW }))]) {
    t.regex((await api.failure(refused)).message, /the configmap contains unwanted key and value/);
  }
  const other = unique('exempted');
  await api.create(NAMESPACES, { metadata: { name: other } });
  t.teardown(() => api.delete(NAMESPACES, other));
  t.truthy(await api.create(CONFIG_MAPS, { metadata: { name: 'disallowed' }, data: DISALLOW }, { namespace: other }));
});

behaviour(`${ADMISSION} should be able to deny attaching pod [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  await register(scene, 'validating', [webhook(scene, 'deny-attaching-pod', hooks.clientConfig('/pods/attach'), [['CONNECT'], '', 'v1', 'pods/attach'])]);
  await api.create(PODS, pod('to-be-attached-pod'), { namespace });
  await waitFor(async () => (await api.get(PODS, 'to-be-attached-pod', { namespace })).status?.phase === 'Running', { what: 'the pod to run' });
  const answer = await api.raw(`/api/v1/namespaces/${namespace}/pods/to-be-attached-pod/attach?container=main&stdin=true&stdout=true`, { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'v5.channel.k8s.io' });
  t.regex(answer.body.toString(), /attaching to pod 'to-be-attached-pod' is not allowed/);
});

behaviour(`${ADMISSION} should be able to deny custom resource creation, update and deletion [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  const custom = await createCustom(scene);
  const resource = custom.resource();
  await register(scene, 'validating', [webhook(scene, 'deny-unwanted-custom-resource-data', hooks.clientConfig('/custom-resource'), [['CREATE', 'UPDATE', 'DELETE'], custom.group, 'v1', custom.plural])]);
  const refusal = /the custom resource contains unwanted data/;
  t.regex((await api.failure(api.create(resource, { metadata: { name: 'cr-instance-1' }, data: DISALLOW }, { namespace }))).message, refusal);
  await api.create(resource, { metadata: { name: 'cr-instance-2', annotations: {} }, data: { 'mutation-start': 'yes' } }, { namespace });
  t.regex((await api.failure(updateOnce(scene, resource, 'cr-instance-2', { data: DISALLOW }))).message, refusal);
  t.regex((await api.failure(api.patch(resource, 'cr-instance-2', 'merge', { data: DISALLOW }, { namespace }))).message, refusal);
  // Deletion is judged by what is stored.
  const [configuration] = (await api.list(RESOURCE_OF.validating)).items.filter((c) => c.webhooks?.some((w) => w.rules?.some((r) => r.apiGroups?.includes(custom.group))));
  await api.patch(RESOURCE_OF.validating, configuration?.metadata.name ?? '', 'json', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['DELETE'] }]);
  await api.patch(resource, 'cr-instance-2', 'merge', { data: DISALLOW }, { namespace });
  t.regex((await api.failure(api.delete(resource, 'cr-instance-2', { namespace }))).message, refusal);
  await api.patch(resource, 'cr-instance-2', 'merge', { data: { 'webhook-e2e-test': null } }, { namespace });
  await api.delete(resource, 'cr-instance-2', { namespace });
  t.is((await api.failure(api.get(resource, 'cr-instance-2', { namespace }))).reason, 'NotFound');
});

async function updateOnce({ api, namespace }: Scene, resource: Parameters<typeof api.get>[0], name: string, change: object): Promise<KubeObject> {
  const live = await api.get(resource, name, { namespace });
  return api.update(resource, { ...live, ...change }, { namespace });
}

behaviour(`${ADMISSION} should unconditionally reject operations on fail closed webhook [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const clientConfig = { service: { namespace: scene.namespace, name: 'e2e-test-absent', path: '/configmaps', port: 8443 } };
  await register(scene, 'validating', [webhook(scene, 'fail-closed', clientConfig, CREATE_MAPS, { failurePolicy: 'Fail' })]);
  const refused = await api.failure(createMap(scene, 'foo', {}));
  t.is(refused.reason, 'InternalError');
  t.regex(refused.message, /failed calling webhook "fail-closed\.k8s\.io"/);
});

behaviour(`${ADMISSION} should mutate configmap [Conformance]`, async (scene) => {
  const hooks = await startWebhooks(scene);
  await register(scene, 'mutating', ['stage-1', 'stage-2'].map((stage) => webhook(scene, `adding-configmap-data-${stage}`, hooks.clientConfig('/mutating-configmaps'), CREATE_MAPS)));
  scene.t.deepEqual((await createMap(scene, 'to-be-mutated', { 'mutation-start': 'yes' })).data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
});

behaviour(`${ADMISSION} should mutate pod and apply defaults after mutation [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  await register(scene, 'mutating', [webhook(scene, 'adding-init-container', hooks.clientConfig('/mutating-pods'), [['CREATE'], '', 'v1', 'pods'])]);
  const made = (await api.create(PODS, pod('to-be-mutated'), { namespace })) as Pod;
  t.is(made.spec?.initContainers?.length, 1);
  t.like(made.spec?.initContainers?.[0], { name: 'webhook-added-init-container', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' });
});

behaviour(`${ADMISSION} should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]`, async (scene) => {
  const { t, api, unique } = scene;
  const hooks = await startWebhooks(scene);
  const rule = (operation: string): Rule => [[operation], 'admissionregistration.k8s.io', '*', '*'];
  await register(scene, 'validating', [webhook(scene, 'deny-webhook-configuration-deletions', hooks.clientConfig('/always-deny'), rule('DELETE'), { isForAll: true })]);
  await register(scene, 'mutating', [webhook(scene, 'add-label-to-webhook-configurations', hooks.clientConfig('/add-label'), rule('CREATE'), { isForAll: true })]);
  for (const type of ['validating', 'mutating'] as const) {
    const name = unique('dummy');
    const dummy = webhook(scene, 'dummy', hooks.clientConfig('/always-deny'), [['CREATE'], '', 'v1', 'invalid']);
    t.is((await api.create(RESOURCE_OF[type], { metadata: { name }, webhooks: [dummy] })).metadata.labels?.['added-label'], undefined);
    await api.delete(RESOURCE_OF[type], name);
    t.is((await api.failure(api.get(RESOURCE_OF[type], name))).reason, 'NotFound');
  }
});

behaviour(`${ADMISSION} should mutate custom resource [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  const custom = await createCustom(scene);
  await mutateCustom(scene, custom, hooks, 'v1', ['CREATE']);
  const made = await api.create(custom.resource(), { metadata: { name: 'cr-instance-1' }, data: { 'mutation-start': 'yes' } }, { namespace });
  t.like(made, { data: { 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' } } as object);
});

const mutateCustom = (scene: Scene, { group, plural }: { readonly group: string; readonly plural: string }, hooks: Awaited<ReturnType<typeof startWebhooks>>, version: string, operations: readonly string[]) =>
  register(scene, 'mutating', ['stage-1', 'stage-2'].map((stage) => webhook(scene, `mutate-custom-resource-data-${stage}`, hooks.clientConfig('/mutating-custom-resource'), [operations, group, version, plural])));

behaviour(`${ADMISSION} should deny crd creation [Conformance]`, async (scene) => {
  const { t, api, unique } = scene;
  const hooks = await startWebhooks(scene);
  const marker = unique('crd');
  await register(scene, 'validating', [webhook(scene, 'deny-crd-with-unwanted-label', hooks.clientConfig('/crd'), [['CREATE'], 'apiextensions.k8s.io', '*', 'customresourcedefinitions'], { isForAll: true, objectSelector: { matchLabels: { marker } } })]);
  const definition = newDefinition(scene, { labels: { marker, ...DISALLOW } });
  const refused = await api.failure(api.create(CUSTOM_RESOURCE_DEFINITIONS, definition));
  t.regex(refused.message, /the crd contains unwanted label/);
  t.is((await api.failure(api.get(CUSTOM_RESOURCE_DEFINITIONS, definition.metadata.name))).reason, 'NotFound');
});

behaviour(`${ADMISSION} should mutate custom resource with different stored version [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  const custom = await createCustom(scene, { versions: [{ name: 'v1' }, { name: 'v2' }] });
  await mutateCustom(scene, custom, hooks, '*', ['CREATE', 'UPDATE']);
  await api.create(custom.resource('v1'), { metadata: { name: 'cr-instance-1' }, data: { 'mutation-start': 'yes' } }, { namespace });
  // The list of versions has no keys by which a strategic merge patch could merge it: it is replaced.
  const versions = custom.crd.spec.versions.map((version) => ({ ...version, storage: version.name === 'v2' }));
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'strategic', { spec: { versions } });
  const patched = await waitFor(() => api.patch(custom.resource('v2'), 'cr-instance-1', 'json', [{ op: 'add', path: '/dummy', value: 'test' }], { namespace }), { what: 'the object to be patched' });
  t.like(patched, { dummy: 'test', data: { 'mutation-stage-2': 'yes' } } as object);
});

behaviour(`${ADMISSION} should mutate custom resource with pruning [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hooks = await startWebhooks(scene);
  const string = { type: 'string' };
  const schema = { type: 'object', properties: { data: { type: 'object', properties: { 'mutation-start': string, 'mutation-stage-1': string } } } };
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema }] });
  await mutateCustom(scene, custom, hooks, 'v1', ['CREATE']);
  const made = (await api.create(custom.resource(), { metadata: { name: 'cr-instance-1' }, data: { 'mutation-start': 'yes' } }, { namespace })) as KubeObject & { readonly data: object };
  t.deepEqual(made.data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
});

behaviour(`${ADMISSION} should honor timeout [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const hooks = await startWebhooks(scene);
  const slow = (name: string, extra: object) => webhook(scene, name, hooks.clientConfig('/always-allow-delay'), CREATE_MAPS, { ...extra });
  const removed = async (made: Configuration) => api.delete(RESOURCE_OF.validating, made.metadata.name);
  const failing = await register(scene, 'validating', [slow('allow-slowly', { timeoutSeconds: 1, failurePolicy: 'Fail' })]);
  t.regex((await api.failure(createMap(scene, 'e2e-1', {}))).message, /allow-slowly\.k8s\.io".*context deadline exceeded/);
  await removed(failing);
  const ignoring = await register(scene, 'validating', [slow('ignore-slowly', { timeoutSeconds: 1, failurePolicy: 'Ignore' })]);
  t.truthy(await createMap(scene, 'e2e-2', {}));
  await removed(ignoring);
  const patient = await register(scene, 'validating', [slow('wait-slowly', { timeoutSeconds: 30, failurePolicy: 'Fail' })]);
  t.truthy(await createMap(scene, 'e2e-3', {}));
  await removed(patient);
  // v1 says ten seconds where nothing is said.
  t.is((await register(scene, 'validating', [slow('default-timeout', {})])).webhooks?.[0]?.timeoutSeconds, 10);
});

behaviour(`${ADMISSION} patching/updating a validating webhook should work [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const hooks = await startWebhooks(scene);
  const { metadata: { name } } = await register(scene, 'validating', [webhook(scene, 'deny-unwanted-configmap-data', hooks.clientConfig('/configmaps'), CREATE_MAPS)]);
  t.true(await isRefused(scene, 'a'));
  await updateLatest(scene, RESOURCE_OF.validating, name, undefined, (live) => withOperations(live, ['UPDATE']));
  t.false(await isRefused(scene, 'b'));
  await api.patch(RESOURCE_OF.validating, name, 'json', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }]);
  t.true(await isRefused(scene, 'c'));
});

behaviour(`${ADMISSION} patching/updating a mutating webhook should work [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const hooks = await startWebhooks(scene);
  const { metadata: { name } } = await register(scene, 'mutating', [webhook(scene, 'adding-configmap-data-stage-1', hooks.clientConfig('/mutating-configmaps'), CREATE_MAPS)]);
  t.true(await isMutated(scene, 'a'));
  await updateLatest(scene, RESOURCE_OF.mutating, name, undefined, (live) => withOperations(live, ['UPDATE']));
  t.false(await isMutated(scene, 'b'));
  await api.patch(RESOURCE_OF.mutating, name, 'json', [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }]);
  t.true(await isMutated(scene, 'c'));
});

function withOperations(live: KubeObject, operations: readonly string[]): object {
  return { webhooks: (live as Configuration).webhooks?.map((w) => ({ ...w, rules: w.rules?.map((r) => ({ ...r, operations })) })) };
}

for (const [type, isJudged] of [['validating', isRefused], ['mutating', isMutated]] as const) {
  behaviour(`${ADMISSION} listing ${type} webhooks should work [Conformance]`, async (scene) => {
    const { t, api, unique } = scene;
    const hooks = await startWebhooks(scene);
    const labels = { 'e2e-list-test-uuid': unique('list') };
    const selected = { query: { labelSelector: `e2e-list-test-uuid=${labels['e2e-list-test-uuid']}` } };
    const path = type === 'validating' ? '/configmaps' : '/mutating-configmaps';
    await Promise.all(Array.from({ length: 10 }, (_, i) => register(scene, type, [webhook(scene, `hook-${i}`, hooks.clientConfig(path), CREATE_MAPS)], labels)));
    t.is((await api.list(RESOURCE_OF[type], selected)).items.length, 10);
    t.true(await isJudged(scene, 'judged'));
    await api.deleteCollection(RESOURCE_OF[type], selected);
    t.is((await api.list(RESOURCE_OF[type], selected)).items.length, 0);
    t.false(await isJudged(scene, 'not-judged'));
  });

  const conditions = [{ name: 'exclude-leases', expression: '!(request.resource.group == "coordination.k8s.io" && request.resource.resource == "leases")' }];
  const more = [...conditions, { name: 'exclude-kubelet-requests', expression: '!("system:nodes" in request.userInfo.groups)' }];
  behaviour(`${ADMISSION} should be able to create and update ${type} webhook configurations with match conditions [Conformance]`, async (scene) => {
    const { t, api } = scene;
    const hook = webhook(scene, 'conditions', { url: 'https://127.0.0.1:1/' }, [['CREATE'], '', 'v1', 'invalid']);
    const { metadata: { name } } = await register(scene, type, [{ ...hook, matchConditions: conditions }]);
    const stored = async () => ((await api.get(RESOURCE_OF[type], name)) as Configuration).webhooks?.[0]?.matchConditions;
    t.deepEqual(await stored(), conditions);
    await updateLatest(scene, RESOURCE_OF[type], name, undefined, (live) => ({ webhooks: (live as Configuration).webhooks?.map((w) => ({ ...w, matchConditions: more })) }));
    t.deepEqual(await stored(), more);
  });

  behaviour(`${ADMISSION} should reject ${type} webhook configurations with invalid match conditions [Conformance]`, async (scene) => {
    const { t, api } = scene;
    const hook = webhook(scene, 'conditions', { url: 'https://127.0.0.1:1/' }, [['CREATE'], '', 'v1', 'invalid']);
    const refused = await api.failure(register(scene, type, [{ ...hook, matchConditions: [{ name: 'invalid-expression', expression: '... [] bad expression' }] }]));
    t.is(refused.reason, 'Invalid');
    t.regex(refused.message, /compilation failed/);
  });
}

behaviour(`${ADMISSION} should mutate everything except 'skip-me' configmaps [Conformance]`, async (scene) => {
  const { t } = scene;
  const hooks = await startWebhooks(scene);
  await register(scene, 'mutating', [webhook(scene, 'adding-configmap-data-stage-1', hooks.clientConfig('/mutating-configmaps'), CREATE_MAPS, { matchConditions: [{ name: 'skip-me', expression: "object.metadata.name != 'skip-me'" }] })]);
  t.false(await isMutated(scene, 'skip-me'));
  t.true(await isMutated(scene, 'mutate-me'));
});
