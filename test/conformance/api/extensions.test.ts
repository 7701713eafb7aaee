import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, ENDPOINT_SLICES, SERVICES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { networkInterfaces } from 'node:os';
import { startConversionWebhook } from '#test/support/conversion-webhook.ts';
import { GROUP, startExtensionServer, VERSION } from '#test/support/extension-server.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { createCustom } from './support/custom-resource.ts';
import { updateLatest } from './support/operations.ts';

const CONVERSION = '[sig-api-machinery] CustomResourceConversionWebhook [Privileged:ClusterAdmin]';
type Ported = KubeObject & { readonly hostPort?: string; readonly host?: string; readonly port?: string };

/** `hostPort` of v1 is `host` and `port` in v2. */
function convert(object: Record<string, unknown>, desired: string): object {
  const { hostPort, host, port, ...rest } = object as Record<string, unknown> & Ported;
  if (desired.endsWith('/v2')) return { ...rest, ...(hostPort === undefined ? { host, port } : { host: hostPort.split(':')[0], port: hostPort.split(':')[1] }) };
  return { ...rest, ...(hostPort === undefined ? { hostPort: `${host ?? ''}:${port ?? ''}` } : { hostPort }) };
}

async function createConverted(scene: Scene) {
  const hook = await startConversionWebhook(scene.t, convert);
  const fields = (...names: readonly string[]) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  return createCustom(scene, {
    versions: [{ name: 'v1', schema: fields('hostPort') }, { name: 'v2', schema: fields('host', 'port') }],
    conversion: { strategy: 'Webhook', webhook: { clientConfig: hook.config, conversionReviewVersions: ['v1', 'v1beta1'] } },
  });
}

behaviour(`${CONVERSION} should be able to convert from CR v1 to CR v2 [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const custom = await createConverted(scene);
  await api.create(custom.resource('v1'), { metadata: { name: 'cr-instance-1' }, hostPort: 'localhost:8080' }, { namespace });
  const read = (await api.get(custom.resource('v2'), 'cr-instance-1', { namespace })) as Ported;
  t.like(read, { host: 'localhost', port: '8080', hostPort: undefined });
});

behaviour(`${CONVERSION} should be able to convert a non homogeneous list of CRs [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const custom = await createConverted(scene);
  await api.create(custom.resource('v1'), { metadata: { name: 'cr-instance-1' }, hostPort: 'localhost:8080' }, { namespace });
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'json', [{ op: 'replace', path: '/spec/versions/0/storage', value: false }, { op: 'replace', path: '/spec/versions/1/storage', value: true }]);
  await waitFor(async () => (await api.get(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name)).status?.storedVersions?.includes('v2'), { what: 'the stored version to change' });
  await api.create(custom.resource('v1'), { metadata: { name: 'cr-instance-2' }, hostPort: 'localhost:8080' }, { namespace });
  for (const [version, fields] of [['v2', { host: 'localhost', port: '8080' }], ['v1', { hostPort: 'localhost:8080' }]] as const) {
    const { items } = await api.list<Ported>(custom.resource(version) as ResourceType<Ported>, { namespace });
    t.is(items.length, 2);
    for (const item of items) t.like(item, { apiVersion: `${custom.group}/${version}`, ...fields });
  }
});

behaviour('[sig-api-machinery] CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const hook = await startConversionWebhook(scene.t, convert);
  const fields = (...names: readonly string[]) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
  const custom = await createCustom(scene, {
    versions: [
      { name: 'v1', schema: fields('hostPort'), selectableFields: [{ jsonPath: '.hostPort' }] },
      { name: 'v2', schema: fields('host', 'port'), selectableFields: [{ jsonPath: '.host' }, { jsonPath: '.port' }] },
    ],
    conversion: { strategy: 'Webhook', webhook: { clientConfig: hook.config, conversionReviewVersions: ['v1', 'v1beta1'] } },
  });
  const [v1, v2] = [custom.resource('v1'), custom.resource('v2')];
  const selecting = (fieldSelector: string) => ({ namespace, query: { fieldSelector } });
  const watches = await Promise.all([api.watch(v1, selecting('hostPort=host1:80')), api.watch(v2, selecting('host=host1')), api.watch(v2, selecting('host=host1,port=80'))]);
  t.teardown(() => watches.forEach((w) => w.close()));
  for (const [i, fields] of [{ host: 'host1', port: '80' }, { host: 'host1', port: '8080' }, { host: 'host2' }].entries()) await api.create(v2, { metadata: { name: `name${i}` }, ...fields }, { namespace });
  const names = async (resource: ResourceType, selector: string) => (await api.list(resource, selecting(selector))).items.map((o) => o.metadata.name);
  t.deepEqual(await names(v2, 'host=host1'), ['name0', 'name1']);
  t.deepEqual(await names(v2, 'host=host1,port=80'), ['name0']);
  t.deepEqual(await names(v1, 'hostPort=host1:80'), ['name0']);
  t.deepEqual(await names(v1, 'hostPort=host1:8080'), ['name1']);
  const refused = await api.failure(names(v1, 'host=host1'));
  t.is(refused.reason, 'BadRequest');
  t.regex(refused.message, /field label not supported: host/);
  await api.deleteCollection(v2, { ...selecting('host=host1,port=80'), options: { gracePeriodSeconds: 0 } });
  await updateLatest(scene, v2, 'name1', namespace, () => ({ host: 'host2' }));
  t.deepEqual(await names(v2, 'host=host1'), []);
  t.deepEqual(await names(v2, 'host=host1,port=80'), []);
  // What comes after all of it, for each to see that nothing else came.
  await api.create(v2, { metadata: { name: 'last' }, host: 'host1', port: '80' }, { namespace });
  const one = [['ADDED', 'name0'], ['DELETED', 'name0'], ['ADDED', 'last']];
  const wanted = [one, [['ADDED', 'name0'], ['ADDED', 'name1'], ['DELETED', 'name0'], ['DELETED', 'name1'], ['ADDED', 'last']], one];
  for (const [i, events] of wanted.entries()) {
    const seen = [];
    for (const _ of events) {
      const event = await watches[i]?.next();
      seen.push([event?.type, event?.object.metadata.name]);
    }
    t.deepEqual(seen, events);
  }
});

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const FLUNDERS: ResourceType = { group: GROUP, version: VERSION, kind: 'Flunder', plural: 'flunders', singular: 'flunder', shortNames: [], categories: [], namespaced: true, verbs: VERBS, subresources: [] };
type ApiService = KubeObject & { readonly spec: { readonly versionPriority: number }; readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } };
const API_SERVICES = builtIn<ApiService>('APIService');
/** One sample server a cluster: the group has one name. */
let turn: Promise<unknown> = Promise.resolve();

behaviour('[sig-api-machinery] Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly] [Conformance]', (scene) => {
  const mine = turn.then(() => supportsExtension(scene));
  turn = mine.catch(() => undefined);
  return mine;
});

async function supportsExtension(scene: Scene): Promise<void> {
  const { t, api, namespace } = scene;
  const name = `${VERSION}.${GROUP}`;
  const trusted = (await api.get(CONFIG_MAPS, 'extension-apiserver-authentication', { namespace: 'kube-system' })).data?.['requestheader-client-ca-file'] ?? '';
  const extension = await startExtensionServer({ teardown: (task) => t.teardown(task) }, trusted, { host: '0.0.0.0', serverName: `sample-api.${namespace}.svc` });
  const address = Object.values(networkInterfaces()).flat().find((i) => i?.family === 'IPv4' && !i.internal)?.address;
  await api.create(SERVICES, { metadata: { name: 'sample-api' }, spec: { ports: [{ port: 7443 }] } }, { namespace });
  await api.create(ENDPOINT_SLICES, {
    metadata: { name: 'sample-api', labels: { 'kubernetes.io/service-name': 'sample-api' } }, addressType: 'IPv4', endpoints: [{ addresses: [address ?? '127.0.0.1'], conditions: { ready: true } }], ports: [{ name: '', port: extension.port }],
  }, { namespace });
  await api.create(API_SERVICES, { metadata: { name }, spec: { service: { name: 'sample-api', namespace, port: 7443 }, group: GROUP, version: VERSION, caBundle: extension.caBundle, groupPriorityMinimum: 2000, versionPriority: 200 } });
  t.teardown(() => api.deleteCollection(API_SERVICES, { query: { fieldSelector: `metadata.name=${name}` } }));
  const isAvailable = async () => (await api.get(API_SERVICES, name)).status?.conditions?.some((c) => c.type === 'Available' && c.status === 'True');
  await waitFor(isAvailable, { what: 'the APIService to be available', timeoutMs: 30_000 });

  await api.create(FLUNDERS, { metadata: { name: 'dynamic-flunder' } }, { namespace });
  t.is((await api.list(FLUNDERS, { namespace })).items[0]?.metadata.name, 'dynamic-flunder');
  await api.delete(FLUNDERS, 'dynamic-flunder', { namespace });
  t.deepEqual((await api.list(FLUNDERS, { namespace })).items, []);
  const { groups } = await api.document<{ readonly groups: readonly { readonly name: string }[] }>('/apis');
  t.true(groups.some((g) => g.name === GROUP));

  const at = { subresource: 'status' };
  const read = await api.get(API_SERVICES, name, at);
  t.like(read.status?.conditions?.[0], { type: 'Available', status: 'True', reason: 'Passed', message: 'all checks passed' });
  t.is((await api.patch(API_SERVICES, name, 'merge', { spec: { versionPriority: 400 } })).spec.versionPriority, 400);
  t.true((await api.list(API_SERVICES)).items.some(({ metadata }) => metadata.name === name));
  await api.patch(API_SERVICES, name, 'strategic', { metadata: { labels: { 'e2e-apiservice': namespace } } });
  t.is((await api.get(API_SERVICES, name)).metadata.labels?.['e2e-apiservice'], namespace);
  const isSet = async (condition: object): Promise<boolean> => t.like((await api.get(API_SERVICES, name, at)).status?.conditions?.at(-1), condition);
  const updated = { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await updateLatest(scene, API_SERVICES, name, undefined, (live) => ({ status: { conditions: [...((live as ApiService).status?.conditions ?? []), updated] } }), 'status');
  await isSet(updated);
  const replaced = await updateLatest(scene, API_SERVICES, name, undefined, (live) => ({ metadata: { ...live.metadata, labels: { ...live.metadata.labels, [name]: 'updated' } } }));
  t.is(replaced.metadata.labels?.[name], 'updated');
  const patched = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by e2e test' };
  const before = await api.get(API_SERVICES, name, at);
  await api.patch(API_SERVICES, name, 'merge', { status: { conditions: [...(before.status?.conditions ?? []), patched] } }, at);
  await isSet(patched);
  await api.deleteCollection(API_SERVICES, { query: { labelSelector: `e2e-apiservice=${namespace}` } });
  await waitFor(async () => (await api.raw(`/apis/${GROUP}/${VERSION}`)).status === 404, { what: 'the group to be gone' });
}
