import anyTest, { type TestFn } from 'ava';
import { customResourceType } from '#api/custom-resource-type.ts';
import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { CLUSTER_ROLES, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, POD_DISRUPTION_BUDGETS, PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { establish, version } from '#test/support/custom-definition.ts';
import { type RunningControllers, startPlaneWithControllers } from '#test/support/running-controllers.ts';
import { waitFor } from '#test/support/wait.ts';

const test = anyTest as TestFn<RunningControllers>;
const teardowns: (() => unknown)[] = [];
test.before(async (t) => {
  (t as { context: RunningControllers }).context = await startPlaneWithControllers({ teardown: (task) => void teardowns.push(task) });
});
test.after.always(async () => {
  for (const task of teardowns) await task();
});

async function define({ plane, admin }: RunningControllers, group: string, versions: readonly object[] = [version('v1', { storage: true })]): Promise<ResourceType> {
  await establish(plane.server, { group, versions });
  const definition = await admin.get(CUSTOM_RESOURCE_DEFINITIONS, { name: `widgets.${group}` });
  const resource = customResourceType(definition as CustomResourceDefinition);
  if (resource === undefined) throw new Error('the definition is not in force');
  return resource;
}

interface Owned {
  readonly name: string;
  readonly namespace?: string;
  readonly owners?: readonly object[];
}
const make = (admin: Client, resource: ResourceType, { name, namespace = 'default', owners }: Owned): Promise<KubeObject> =>
  admin.create(resource, { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name, ...(resource.namespaced ? { namespace } : {}), ...(owners ? { ownerReferences: owners as never } : {}) } } as KubeObject);
const ownerOf = ({ apiVersion, kind, metadata }: KubeObject, more: object = {}): object => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid, ...more });
const find = (admin: Client, resource: ResourceType, { metadata }: KubeObject): Promise<KubeObject | undefined> =>
  admin.get(resource, metadata).catch((error: unknown) => {
    if (!isStatus(error, 'NotFound')) throw error;
    return undefined;
  });
const gone = (admin: Client, resource: ResourceType, object: KubeObject): Promise<unknown> =>
  waitFor(async () => (await find(admin, resource, object)) === undefined, { what: `${resource.plural} ${object.metadata.name} collected` });

for (const policy of ['Background', 'Foreground'] as const) {
  test(`what a custom object owns goes with it, over custom kinds and built-in ones: ${policy}`, async (t) => {
    const { admin } = t.context;
    const widgets = await define(t.context, `${policy.toLowerCase()}.example.com`);
    const root = await make(admin, widgets, { name: 'root' });
    const child = await make(admin, widgets, { name: 'child', owners: [ownerOf(root, { blockOwnerDeletion: true })] });
    const map = await make(admin, CONFIG_MAPS, { name: `map-${policy.toLowerCase()}`, owners: [ownerOf(child, { blockOwnerDeletion: true })] });
    const other = await make(admin, CONFIG_MAPS, { name: `other-${policy.toLowerCase()}` });
    await admin.delete(widgets, root.metadata, { propagationPolicy: policy });
    for (const [resource, object] of [[CONFIG_MAPS, map], [widgets, child], [widgets, root]] as const) await gone(admin, resource, object);
    t.truthy(await find(admin, CONFIG_MAPS, other));
  });
}

test('orphaning lets what a custom object owns live on without it', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'orphan.example.com');
  const root = await make(admin, widgets, { name: 'root' });
  const map = await make(admin, CONFIG_MAPS, { name: 'map-orphaned', owners: [ownerOf(root)] });
  await admin.delete(widgets, root.metadata, { propagationPolicy: 'Orphan' });
  await gone(admin, widgets, root);
  t.is((await find(admin, CONFIG_MAPS, map))?.metadata.ownerReferences, undefined);
});

test('an owner may be named in any of its versions', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'versions.example.com', [version('v1', { storage: true }), version('v1beta1')]);
  const root = await make(admin, widgets, { name: 'root' });
  const map = await make(admin, CONFIG_MAPS, { name: 'map-beta', owners: [ownerOf(root, { apiVersion: 'versions.example.com/v1beta1' })] });
  await admin.delete(widgets, root.metadata, { propagationPolicy: 'Background' });
  await gone(admin, CONFIG_MAPS, map);
  t.pass();
});

test('what the objects of a definition own goes with the definition', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'definition.example.com');
  const root = await make(admin, widgets, { name: 'root' });
  const map = await make(admin, CONFIG_MAPS, { name: 'map-of-definition', owners: [ownerOf(root)] });
  await admin.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: 'widgets.definition.example.com' });
  await gone(admin, CONFIG_MAPS, map);
  t.pass();
});

test('a circle of owners that is deleted in the foreground goes as a whole', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'circle.example.com');
  const first = await make(admin, widgets, { name: 'first' });
  const second = await make(admin, widgets, { name: 'second', owners: [ownerOf(first, { blockOwnerDeletion: true })] });
  await admin.patch(widgets, first.metadata, { type: 'merge', body: { metadata: { ownerReferences: [ownerOf(second, { blockOwnerDeletion: true })] } } });
  await admin.delete(widgets, first.metadata, { propagationPolicy: 'Foreground' });
  await gone(admin, widgets, first);
  await gone(admin, widgets, second);
  t.pass();
});

test('an owner of another namespace is no owner; one with another UID neither; a cluster-scoped object is never lost by a reference into a namespace', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'strangers.example.com');
  const root = await make(admin, widgets, { name: 'root', namespace: 'kube-public' });
  const role = await make(admin, CLUSTER_ROLES, { name: 'owned-from-a-namespace', owners: [ownerOf(root)] });
  const abroad = await make(admin, CONFIG_MAPS, { name: 'abroad', owners: [ownerOf(root)] });
  const renewed = await make(admin, CONFIG_MAPS, { name: 'renewed', namespace: 'kube-public', owners: [ownerOf(root, { uid: 'another' })] });
  const own = await make(admin, CONFIG_MAPS, { name: 'own', namespace: 'kube-public', owners: [ownerOf(root), ownerOf(root, { uid: 'another' })] });
  await gone(admin, CONFIG_MAPS, abroad);
  await gone(admin, CONFIG_MAPS, renewed);
  await waitFor(async () => (await find(admin, CONFIG_MAPS, own))?.metadata.ownerReferences?.length === 1, { what: 'the lost owner taken from the list' });
  t.truthy(await find(admin, CLUSTER_ROLES, role));
});

test('an owner that waits for its dependents goes when the last one lets go of it', async (t) => {
  const { admin } = t.context;
  const widgets = await define(t.context, 'released.example.com');
  const root = await make(admin, widgets, { name: 'root' });
  const map = await make(admin, CONFIG_MAPS, { name: 'map-released', owners: [ownerOf(root, { blockOwnerDeletion: true })] });
  await admin.patch(CONFIG_MAPS, map.metadata, { type: 'merge', body: { metadata: { finalizers: ['example.com/hold'] } } });
  await admin.delete(widgets, root.metadata, { propagationPolicy: 'Foreground' });
  await waitFor(async () => (await find(admin, CONFIG_MAPS, map))?.metadata.deletionTimestamp !== undefined, { what: 'the dependent being deleted' });
  t.truthy(await find(admin, widgets, root));
  await admin.patch(CONFIG_MAPS, map.metadata, { type: 'merge', body: { metadata: { ownerReferences: null } } });
  await gone(admin, widgets, root);
  await admin.patch(CONFIG_MAPS, map.metadata, { type: 'merge', body: { metadata: { finalizers: null } } });
});

test('a budget counts the pods of a custom object by its scale, and says of whom it cannot', async (t) => {
  const { admin } = t.context;
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  const widgets = await define(t.context, 'scaled.example.com', [version('v1', { storage: true, subresources: { scale, status: {} } })]);
  const root = await make(admin, widgets, { name: 'root' });
  await admin.patch(widgets, root.metadata, { type: 'merge', body: { spec: { replicas: 4 } } });
  const map = await make(admin, CONFIG_MAPS, { name: 'no-scale' });
  const owned = (name: string, app: string, owner: KubeObject) => admin.create(PODS, {
    apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, labels: { app }, ownerReferences: [ownerOf(owner, { controller: true })] as never }, spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await waitFor(() => owned('scaled', 'scaled', root).catch(() => undefined), { what: 'the account of the namespace' });
  await owned('unscaled', 'unscaled', map);
  const budget = async (app: string) => {
    await admin.create(POD_DISRUPTION_BUDGETS, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { namespace: 'default', name: app }, spec: { maxUnavailable: 1, selector: { matchLabels: { app } } } });
    return waitFor(async () => (await admin.get(POD_DISRUPTION_BUDGETS, { namespace: 'default', name: app })).status?.conditions && (await admin.get(POD_DISRUPTION_BUDGETS, { namespace: 'default', name: app })).status, { what: `the status of ${app}` });
  };
  t.like(await budget('scaled'), { expectedPods: 4, desiredHealthy: 3 });
  t.is((await budget('unscaled'))?.conditions?.[0]?.message, 'configmaps does not implement the scale subresource');
});
