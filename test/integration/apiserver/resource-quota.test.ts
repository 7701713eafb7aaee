import test from 'ava';
import { customResourceType } from '#api/custom-resource-type.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PERSISTENT_VOLUME_CLAIMS, PODS, RESOURCE_QUOTAS, SERVICE_ACCOUNTS, SERVICES, TRANSACTIONS } from '#api/resources.ts';
import { isStatus, StatusError } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { startPlaneWithControllers } from '#test/support/running-controllers.ts';
import { adminOver, startSecondServer } from '#test/support/second-server.ts';
import { waitFor } from '#test/support/wait.ts';

type Hard = Readonly<Record<string, string>>;

async function inNamespace(admin: Client, namespace: string): Promise<void> {
  await admin.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace }, spec: {} });
  // What a controller puts there, and pods and counts of objects need.
  await waitFor(() => Promise.all([admin.get(SERVICE_ACCOUNTS, { namespace, name: 'default' }), admin.get(CONFIG_MAPS, { namespace, name: 'kube-root-ca.crt' })]), { what: `the account and the CA of ${namespace}` });
}

async function withQuota(admin: Client, namespace: string, hard: Hard, spec: object = {}): Promise<void> {
  await admin.create(RESOURCE_QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { namespace, name: 'q' }, spec: { hard, ...spec } });
  await counted(admin, namespace, {});
}

const counted = (admin: Client, namespace: string, used: Hard) =>
  waitFor(async () => {
    const { status } = await admin.get(RESOURCE_QUOTAS, { namespace, name: 'q' });
    return status?.used !== undefined && Object.entries(used).every(([name, amount]) => status.used?.[name] === amount) && status.used;
  }, { what: `used ${JSON.stringify(used)}` });

const configMap = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } });
const pod = (namespace: string, name: string, resources: object = {}): Parameters<typeof PODS_CREATE>[1] =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name }, spec: { serviceAccountName: 'default', containers: [{ name: 'c', image: 'i', resources }] } });
const PODS_CREATE = (client: Client, object: { apiVersion: string; kind: string; metadata: { namespace: string; name: string }; spec: Pod['spec'] }): Promise<Pod> => client.create(PODS, object);

const refusal = async (t: { throwsAsync: (p: Promise<unknown>) => Promise<Error | undefined> }, call: Promise<unknown>): Promise<string> => {
  const error = await t.throwsAsync(call);
  return error instanceof StatusError ? `${error.reason}: ${error.message}` : String(error);
};

test('64 concurrent creates over HTTPS against two API servers: exactly as many succeed as the quota allows', async (t) => {
  const { plane, admin } = await startPlaneWithControllers(t);
  const clients = [adminOver(t, plane, plane.url), adminOver(t, plane, await startSecondServer(t, plane))];
  await inNamespace(admin, 'race');
  await withQuota(admin, 'race', { 'count/configmaps': '11' });
  const results = await Promise.allSettled(Array.from({ length: 64 }, (_, i) => clients[i % 2]!.create(CONFIG_MAPS, configMap('race', `c${i}`))));
  const failures = results.flatMap((r) => (r.status === 'rejected' ? [r.reason as Error] : []));
  t.is(results.length - failures.length, 10);
  t.true(failures.every((error) => isStatus(error, 'Forbidden')), String(failures.find((error) => !isStatus(error, 'Forbidden'))));
  t.is((await admin.list(CONFIG_MAPS, { namespace: 'race' })).items.length, 11);
  t.is((await admin.get(RESOURCE_QUOTAS, { namespace: 'race', name: 'q' })).status?.used?.['count/configmaps'], '11');
});

test('refusals are worded as Kubernetes words them, and deletions give back', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await inNamespace(admin, 'a');
  await withQuota(admin, 'a', { pods: '1', 'requests.cpu': '1', 'limits.memory': '1Gi', services: '2', 'services.nodeports': '1', persistentvolumeclaims: '1', 'gold.storageclass.storage.k8s.io/requests.storage': '10Gi' });
  t.is(await refusal(t, PODS_CREATE(admin, pod('a', 'p0'))), 'Forbidden: pods "p0" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c');
  const resources = { requests: { cpu: '600m' }, limits: { memory: '100Mi' } };
  await PODS_CREATE(admin, pod('a', 'p1', resources));
  t.like((await admin.get(RESOURCE_QUOTAS, { namespace: 'a', name: 'q' })).status?.used, { pods: '1', 'requests.cpu': '600m', 'limits.memory': '100Mi' });
  t.is(await refusal(t, PODS_CREATE(admin, pod('a', 'p2', resources))), 'Forbidden: pods "p2" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=600m, limited: pods=1,requests.cpu=1');
  t.true(isStatus(await t.throwsAsync(admin.create(PODS, pod('a', 'p2', resources), { dryRun: true })), 'Forbidden'));
  await admin.delete(PODS, { namespace: 'a', name: 'p1' });
  await counted(admin, 'a', { pods: '0', 'requests.cpu': '0', 'limits.memory': '0' });

  const service = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'a', name: 's' }, spec: { ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81 }] } };
  await admin.create(SERVICES, service);
  t.is(await refusal(t, admin.patch(SERVICES, service.metadata, { type: 'merge', body: { spec: { type: 'NodePort' } } })), 'Forbidden: services "s" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1');

  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace: 'a', name: 'big' }, spec: { storageClassName: 'gold', accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '11Gi' } } } };
  t.regex(await refusal(t, admin.create(PERSISTENT_VOLUME_CLAIMS, claim)), /exceeded quota: q, requested: gold\.storageclass\.storage\.k8s\.io\/requests\.storage=11Gi, used: gold.*=0, limited: gold.*=10Gi$/);
});

test('scopes decide which pods count, and a changed quota is counted at once', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await inNamespace(admin, 's');
  await withQuota(admin, 's', { pods: '5' }, { scopes: ['BestEffort'] });
  await PODS_CREATE(admin, pod('s', 'burst', { requests: { cpu: '1m' } }));
  await PODS_CREATE(admin, pod('s', 'best'));
  t.is((await admin.get(RESOURCE_QUOTAS, { namespace: 's', name: 'q' })).status?.used?.['pods'], '1');
  await admin.patch(RESOURCE_QUOTAS, { namespace: 's', name: 'q' }, { type: 'merge', body: { spec: { hard: { pods: '1', 'count/pods': '9' } } } });
  await counted(admin, 's', { pods: '1', 'count/pods': '1' });
  t.regex(await refusal(t, PODS_CREATE(admin, pod('s', 'more'))), /exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1/);
  await PODS_CREATE(admin, pod('s', 'more', { requests: { cpu: '1m' } }));
});

test('several objects of one transaction are charged together, or none is written', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await inNamespace(admin, 't');
  await withQuota(admin, 't', { 'count/configmaps': '3' });
  const transaction = (...names: string[]) => ({ apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: { name: 't' }, spec: { fieldManager: 'sync', items: names.map((name) => ({ apply: configMap('t', name) })) } });
  const refused = await admin.create(TRANSACTIONS, transaction('a', 'b', 'c') as never) as unknown as { status: { committed: boolean; items: { error?: { message: string } }[] } };
  t.false(refused.status.committed);
  t.deepEqual(refused.status.items.flatMap((i) => i.error?.message ?? []), ['configmaps "c" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=3, limited: count/configmaps=3']);
  const done = await admin.create(TRANSACTIONS, transaction('a', 'b') as never) as unknown as { status: { committed: boolean } };
  t.true(done.status.committed);
  t.is((await admin.get(RESOURCE_QUOTAS, { namespace: 't', name: 'q' })).status?.used?.['count/configmaps'], '3');
});

test('custom resources are counted by their number', async (t) => {
  const { admin } = await startPlaneWithControllers(t);
  await inNamespace(admin, 'c');
  await admin.create(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
  });
  const widgets = await waitFor(async () => customResourceType(await admin.get(CUSTOM_RESOURCE_DEFINITIONS, { name: 'widgets.example.com' })), { what: 'the definition is in force' });
  await withQuota(admin, 'c', { 'count/widgets.example.com': '1' });
  await counted(admin, 'c', { 'count/widgets.example.com': '0' });
  const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { namespace: 'c', name } });
  await waitFor(() => admin.create(widgets, widget('a')), { what: 'the resource is served' });
  t.regex(await refusal(t, admin.create(widgets, widget('b'))), /^Forbidden: widgets\.example\.com "b" is forbidden: exceeded quota: q, requested: count\/widgets\.example\.com=1, used: count\/widgets\.example\.com=1, limited: count\/widgets\.example\.com=1$/);
  await admin.delete(widgets, { namespace: 'c', name: 'a' });
  await counted(admin, 'c', { 'count/widgets.example.com': '0' });
});
