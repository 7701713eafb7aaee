import {
  ApiException, ApiextensionsV1Api, AppsV1Api, CoordinationV1Api, CoreV1Api, CustomObjectsApi, KubeConfig, KubernetesObjectApi, makeInformer, PatchStrategy, setHeaderOptions, V1MicroTime, Watch,
  type KubernetesObject, type V1ConfigMap, type V1Lease,
} from '@kubernetes/client-node';
import test, { type ExecutionContext } from 'ava';
import { type Server, startServer } from '#test/support/server.ts';
import { waitFor } from '#test/support/wait.ts';

const namespace = 'default';
const TIMEOUT_MS = 60_000;
let server: Server;
const config = new KubeConfig();
test.before(async (t) => {
  t.timeout(TIMEOUT_MS);
  server = await startServer();
  config.loadFromFile(server.kubeconfig);
});
test.after.always(() => server?.stop());

const codeOf = async (request: Promise<unknown>): Promise<number> => request.then(() => 200, (error: unknown) => (error as ApiException<unknown>).code);

test('an informer follows what others do', async (t) => {
  const api = config.makeApiClient(CoreV1Api);
  const create = (name: string): Promise<V1ConfigMap> => api.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { informer: 'yes' } } } });
  await create('before');
  const seen: string[] = [];
  const list = () => api.listNamespacedConfigMap({ namespace, labelSelector: 'informer=yes' });
  const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, 'informer=yes');
  for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata?.name}`));
  t.teardown(() => informer.stop());
  await informer.start();
  t.is(informer.list().length, 1);
  const created = await create('after');
  await api.replaceNamespacedConfigMap({ namespace, name: 'after', body: { ...created, data: { a: 'c' } } });
  await api.deleteNamespacedConfigMap({ namespace, name: 'after' });
  await waitFor(() => seen.includes('delete after'), { what: 'the deletion in the informer' });
  t.deepEqual(seen, ['add before', 'add after', 'update after', 'delete after']);
  t.is(informer.get('before', namespace)?.metadata?.name, 'before');
});

test('a watch resumes from a version, sends bookmarks, and ends with the time that was asked for', async (t) => {
  const api = config.makeApiClient(CoreV1Api);
  const { metadata } = await api.listNamespacedConfigMap({ namespace, labelSelector: 'watched=yes' });
  await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'watched', labels: { watched: 'yes' } } } });
  const events: string[] = [];
  let end: unknown;
  const ended = new Promise<void>((resolve, reject) => {
    const query = { labelSelector: 'watched=yes', resourceVersion: metadata?.resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 1 };
    new Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, query, (phase, object: KubernetesObject) => void events.push(`${phase} ${object.metadata?.name ?? ''}`.trim()), (error: unknown) => {
      end = error;
      resolve();
    }).catch(reject);
  });
  await ended;
  t.is(events[0], 'ADDED watched');
  t.true(end === null || end === undefined || end === Watch.SERVER_SIDE_CLOSE, String(end));
});

test('a patch in every type', async (t) => {
  const api = config.makeApiClient(AppsV1Api);
  const labels = { app: 'patched' };
  const containers = [{ name: 'c', image: 'nginx' }];
  await api.createNamespacedDeployment({ namespace, body: { metadata: { name: 'patched' }, spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } } } });
  const patch = (type: PatchStrategy, body: object) => api.patchNamespacedDeployment({ namespace, name: 'patched', body }, setHeaderOptions('Content-Type', type));
  const side = await patch(PatchStrategy.StrategicMergePatch, { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox' }] } } } });
  t.deepEqual(side.spec?.template.spec?.containers.map((c) => c.name).toSorted(), ['c', 'side']);
  const only = await patch(PatchStrategy.MergePatch, { spec: { template: { spec: { containers: [{ name: 'only', image: 'busybox' }] } } } });
  t.deepEqual(only.spec?.template.spec?.containers.map((c) => c.name), ['only']);
  const paused = await patch(PatchStrategy.JsonPatch, [{ op: 'add', path: '/spec/paused', value: true }]);
  t.true(paused.spec?.paused);
  t.is(await codeOf(patch(PatchStrategy.JsonPatch, [{ op: 'test', path: '/spec/paused', value: false }])), 422);
  const scale = await api.patchNamespacedDeploymentScale({ namespace, name: 'patched', body: { spec: { replicas: 2 } } }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch));
  t.is(scale.spec?.replicas, 2);
});

test('server-side apply owns fields, meets a conflict, and forces it', async (t) => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const wanted = (color: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data: { color } });
  const apply = (color: string, manager: string, force = false) => objects.patch<V1ConfigMap>(wanted(color), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
  const first = await apply('red', 'one');
  t.like(first.metadata?.managedFields?.[0], { manager: 'one', operation: 'Apply' });
  t.is(await codeOf(apply('blue', 'two')), 409);
  const forced = await apply('blue', 'two', true);
  t.is(forced.data?.['color'], 'blue');
  t.deepEqual(forced.metadata?.managedFields?.map((entry) => entry.manager), ['two']);
});

test('objects of any kind by KubernetesObjectApi', async (t) => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const header = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'any', namespace } };
  const created = await objects.create<V1ConfigMap>({ ...header, data: { a: 'b' } } as V1ConfigMap);
  t.truthy(created.metadata?.uid);
  const replaced = await objects.replace<V1ConfigMap>({ ...created, apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'c' } });
  t.is(replaced.data?.['a'], 'c');
  const listed = await objects.list('v1', 'ConfigMap', namespace, undefined, undefined, undefined, 'metadata.name=any');
  t.is(listed.items.length, 1);
  t.is(await codeOf(objects.replace({ ...header, metadata: { ...header.metadata, resourceVersion: created.metadata?.resourceVersion ?? '' } })), 409);
  t.is((await objects.delete(header)).status, 'Success');
  t.is(await codeOf(objects.read(header)), 404);
});

test('custom objects by CustomObjectsApi', async (t) => {
  const names = { plural: 'lamps', singular: 'lamp', kind: 'Lamp' };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', required: ['watts'], properties: { watts: { type: 'integer' } } }, status: { type: 'object', properties: { isOn: { type: 'boolean' } } } } } };
  const versions = [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }];
  const definitions = config.makeApiClient(ApiextensionsV1Api);
  await definitions.createCustomResourceDefinition({ body: { metadata: { name: 'lamps.node.example' }, spec: { group: 'node.example', scope: 'Namespaced', names, versions } } });
  await waitFor(async () => (await definitions.readCustomResourceDefinition({ name: 'lamps.node.example' })).status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True'), { what: 'the definition to be established' });
  const api = config.makeApiClient(CustomObjectsApi);
  const where = { group: 'node.example', version: 'v1', namespace, plural: 'lamps' };
  const body = { apiVersion: 'node.example/v1', kind: 'Lamp', metadata: { name: 'desk' }, spec: { watts: 5 } };
  await api.createNamespacedCustomObject({ ...where, body });
  t.is(await codeOf(api.createNamespacedCustomObject({ ...where, body: { ...body, metadata: { name: 'bad' }, spec: {} } })), 422);
  const patched = (await api.patchNamespacedCustomObjectStatus({ ...where, name: 'desk', body: { status: { isOn: true } } }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch))) as { readonly spec: object; readonly status: object };
  t.deepEqual({ spec: patched.spec, status: patched.status }, { spec: { watts: 5 }, status: { isOn: true } });
  const { items } = (await api.listNamespacedCustomObject(where)) as { readonly items: readonly object[] };
  t.is(items.length, 1);
  await api.deleteNamespacedCustomObject({ ...where, name: 'desk' });
  t.is(await codeOf(api.getNamespacedCustomObject({ ...where, name: 'desk' })), 404);
});

test('of many candidates one becomes leader through a Lease, and another when it lets go', async (t) => {
  const api = config.makeApiClient(CoordinationV1Api);
  const candidates = Array.from({ length: 8 }, (_, i) => `candidate-${i}`);
  const won = (await Promise.all(candidates.map((holder) => acquire(api, t, holder)))).flatMap((lease) => (lease ? [lease] : []));
  t.is(won.length, 1);
  const held = won[0] as V1Lease;
  const renewed = await api.replaceNamespacedLease({ namespace, name: 'leader', body: { ...held, spec: { ...held.spec, renewTime: new V1MicroTime() } } });
  t.is(await codeOf(api.replaceNamespacedLease({ namespace, name: 'leader', body: held })), 409);
  const { holderIdentity: _, ...spec } = renewed.spec ?? {};
  await api.replaceNamespacedLease({ namespace, name: 'leader', body: { ...renewed, spec } });
  const next = (await Promise.all(candidates.map((holder) => acquire(api, t, holder)))).flatMap((lease) => (lease ? [lease] : []));
  t.is(next.length, 1);
  t.is(next[0]?.spec?.leaseTransitions, 1);
});

/** What a leader elector does once: creates the Lease, or takes a free one with the version that it read. */
async function acquire(api: CoordinationV1Api, t: ExecutionContext, holderIdentity: string): Promise<V1Lease | undefined> {
  const times = { acquireTime: new V1MicroTime(), renewTime: new V1MicroTime(), leaseDurationSeconds: 15 };
  const refused = (error: unknown): undefined => void t.is((error as ApiException<unknown>).code, 409);
  try {
    const present = await api.readNamespacedLease({ namespace, name: 'leader' });
    if (present.spec?.holderIdentity) return undefined;
    const spec = { ...times, holderIdentity, leaseTransitions: (present.spec?.leaseTransitions ?? 0) + 1 };
    return await api.replaceNamespacedLease({ namespace, name: 'leader', body: { ...present, spec } }).catch(refused);
  } catch (error) {
    t.is((error as ApiException<unknown>).code, 404);
    return api.createNamespacedLease({ namespace, body: { metadata: { name: 'leader' }, spec: { ...times, holderIdentity, leaseTransitions: 0 } } }).catch(refused);
  }
}
