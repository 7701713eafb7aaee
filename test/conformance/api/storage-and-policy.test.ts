import { BUILT_IN_RESOURCES, CONFIG_MAPS, CSI_DRIVERS, CSI_NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, POD_DISRUPTION_BUDGETS, PRIORITY_CLASSES, STORAGE_CLASSES, VOLUME_ATTACHMENTS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';

/** Created, read, patched, listed, deleted, made again, updated, and deleted as a collection: each step confirmed. */
async function runsThroughLifecycle(scene: Scene, resource: ResourceType, make: (name: string) => Sent): Promise<void> {
  const { t, api, unique } = scene;
  const where = resource.namespaced ? { namespace: scene.namespace } : {};
  const put = (name: string) => api.create(resource, { ...make(name), metadata: { name, ...where } });
  const isGone = (label: string) => waitFor(async () => (await api.list(resource, { ...where, query: { labelSelector: label } })).items.length === 0, { what: `${resource.plural} ${label} to be gone` });
  const name = unique('first');
  await put(name);
  t.is((await api.get(resource, name, where)).metadata.name, name);
  const patched = await api.patch(resource, name, 'merge', { metadata: { labels: { [name]: 'patched' } } }, where);
  t.is(patched.metadata.labels?.[name], 'patched');
  t.is((await api.list(resource, { ...where, query: { labelSelector: `${name}=patched` } })).items.length, 1);
  await api.delete(resource, name, where);
  await isGone(`${name}=patched`);
  const replacements = [unique('second'), unique('third')];
  const label = unique('updated');
  for (const replacement of replacements) {
    await put(replacement);
    const updated = await updateLatest(scene, resource, replacement, where.namespace, (live) => ({ metadata: { ...live.metadata, labels: { ...live.metadata.labels, [label]: 'yes' } } }));
    t.is(updated.metadata.labels?.[label], 'yes');
  }
  await api.deleteCollection(resource, { ...where, query: { labelSelector: `${label}=yes` } });
  await isGone(`${label}=yes`);
}

behaviour('[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]', (scene) =>
  runsThroughLifecycle(scene, CSI_DRIVERS, () => ({ metadata: {}, spec: { attachRequired: false, podInfoOnMount: true, volumeLifecycleModes: ['Ephemeral'] } })));

behaviour('[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]', (scene) =>
  runsThroughLifecycle(scene, STORAGE_CLASSES, () => ({ metadata: {}, provisioner: 'e2e-fake-provisioner' })));

behaviour('[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]', (scene) => runsThroughLifecycle(scene, CSI_NODES, () => ({ metadata: {}, spec: { drivers: [] } })));

const attachment = (): Sent => ({ metadata: {}, spec: { attacher: 'e2e-test.example.com', nodeName: 'sim-0', source: { persistentVolumeName: 'pv' } } });

behaviour('[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]', (scene) => runsThroughLifecycle(scene, VOLUME_ATTACHMENTS, attachment));

behaviour('[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  const name = unique('va');
  const status = { subresource: 'status' };
  await api.create(VOLUME_ATTACHMENTS, { ...attachment(), metadata: { name } });
  t.is((await api.patch(VOLUME_ATTACHMENTS, name, 'merge', { metadata: { labels: { [name]: 'patched' } } })).metadata.labels?.[name], 'patched');
  t.falsy((await api.get(VOLUME_ATTACHMENTS, name, status)).status?.attached);
  await api.patch(VOLUME_ATTACHMENTS, name, 'merge', { status: { attached: true } }, status);
  t.is((await api.get(VOLUME_ATTACHMENTS, name, status)).status?.attached, true);
  await updateLatest(scene, VOLUME_ATTACHMENTS, name, undefined, () => ({ status: { attached: false } }), 'status');
  t.is((await api.get(VOLUME_ATTACHMENTS, name, status)).status?.attached, false);
  await api.delete(VOLUME_ATTACHMENTS, name);
  t.is((await api.failure(api.get(VOLUME_ATTACHMENTS, name))).reason, 'NotFound');
});

behaviour('[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]', (scene) => {
  const resource = BUILT_IN_RESOURCES.find((r) => r.kind === 'VolumeAttributesClass');
  if (!resource) throw new Error('VolumeAttributesClass is not built in');
  return runsThroughLifecycle(scene, resource, () => ({ metadata: {}, driverName: 'e2e-fake-csi-driver', parameters: { iops: '100' } }));
});

const volume = (storageClassName: string): Sent => ({
  metadata: {}, spec: { capacity: { storage: '10Mi' }, accessModes: ['ReadWriteOnce'], storageClassName, persistentVolumeReclaimPolicy: 'Retain', csi: { driver: 'e2e-driver.example.com', volumeHandle: 'e2e' } },
});
const claim = (storageClassName: string): Sent => ({ metadata: {}, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } }, storageClassName } });

behaviour('[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC [Conformance]', async (scene) => {
  const storageClassName = scene.unique('no-class');
  await runsThroughLifecycle(scene, PERSISTENT_VOLUMES, () => volume(storageClassName));
  await runsThroughLifecycle(scene, PERSISTENT_VOLUME_CLAIMS, () => claim(storageClassName));
});

behaviour('[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]', async (scene) => {
  const { t, api, namespace, unique } = scene;
  const name = unique('volume');
  await api.create(PERSISTENT_VOLUMES, { ...volume(name), metadata: { name } });
  t.teardown(() => api.delete(PERSISTENT_VOLUMES, name));
  await api.create(PERSISTENT_VOLUME_CLAIMS, { ...claim(name), metadata: { name } }, { namespace });
  const ofClaim = { namespace, subresource: 'status' };
  const ofVolume = { subresource: 'status' };
  t.is((await api.get(PERSISTENT_VOLUME_CLAIMS, name, ofClaim)).status?.phase, 'Pending');
  t.is((await api.get(PERSISTENT_VOLUMES, name, ofVolume)).metadata.name, name);
  const condition = (type: string) => ({ type, status: 'True', reason: `E2E ${type}`, message: 'Set by e2e test' });

  const patchedClaim = await api.patch(PERSISTENT_VOLUME_CLAIMS, name, 'merge', { status: { conditions: [condition('StatusPatched')] } }, ofClaim);
  t.like(patchedClaim.status?.conditions?.[0], condition('StatusPatched'));
  const patchedVolume = await api.patch(PERSISTENT_VOLUMES, name, 'merge', { status: { message: 'StatusPatched', reason: 'E2E patchStatus' } }, ofVolume);
  t.like(patchedVolume.status, { message: 'StatusPatched', reason: 'E2E patchStatus' });

  const updatedClaim = (await updateLatest(scene, PERSISTENT_VOLUME_CLAIMS, name, namespace, (live) => {
    const { status } = live as typeof patchedClaim;
    return { status: { ...status, conditions: [...(status?.conditions ?? []), condition('StatusUpdated')] } };
  }, 'status')) as typeof patchedClaim;
  t.deepEqual(updatedClaim.status?.conditions?.map((c) => c.type), ['StatusPatched', 'StatusUpdated']);
  const updatedVolume = (await updateLatest(scene, PERSISTENT_VOLUMES, name, undefined, (live) => ({ status: { ...(live as typeof patchedVolume).status, message: 'StatusUpdated', reason: 'E2E updateStatus' } }), 'status')) as typeof patchedVolume;
  t.like(updatedVolume.status, { message: 'StatusUpdated', reason: 'E2E updateStatus' });
  // Of two that say nothing of each other's fields neither is lost, and none of them is of the spec.
  t.deepEqual((await api.get(PERSISTENT_VOLUME_CLAIMS, name, { namespace })).spec, patchedClaim.spec);
});

const budget = (name: string, minAvailable: number | string, labels: Readonly<Record<string, string>> = {}): Sent =>
  ({ metadata: { name, labels }, spec: { selector: { matchLabels: { foo: 'bar' } }, minAvailable } });

behaviour('[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(POD_DISRUPTION_BUDGETS, budget('foo', 1), { namespace });
  const updated = await updateLatest(scene, POD_DISRUPTION_BUDGETS, 'foo', namespace, (live) => ({ spec: { ...(live as KubeObject & { readonly spec: object }).spec, minAvailable: 2 } }));
  t.is((updated as KubeObject & { readonly spec: { readonly minAvailable: unknown } }).spec.minAvailable, 2);
  const patched = await api.patch(POD_DISRUPTION_BUDGETS, 'foo', 'merge', { spec: { minAvailable: '3%' } }, { namespace });
  t.is(patched.spec?.minAvailable, '3%');
  await api.delete(POD_DISRUPTION_BUDGETS, 'foo', { namespace });
  t.is((await api.failure(api.get(POD_DISRUPTION_BUDGETS, 'foo', { namespace }))).reason, 'NotFound');
});

behaviour('[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets [Conformance]', async ({ t, api, namespace, unique }) => {
  const special = unique('special');
  const labels = { special };
  const third = unique('foo3');
  for (const [name, of, min] of [['foo', namespace, 1], ['foo2', namespace, '50%'], [third, 'default', 1]] as const) await api.create(POD_DISRUPTION_BUDGETS, budget(name, min, labels), { namespace: of });
  const query = { labelSelector: `special=${special}` };
  const names = async (where: { readonly namespace?: string } = {}) => (await api.list(POD_DISRUPTION_BUDGETS, { ...where, query })).items.map((p) => p.metadata.name).toSorted();
  t.deepEqual(await names(), ['foo', 'foo2', third]);
  t.deepEqual(await names({ namespace }), ['foo', 'foo2']);
  await api.deleteCollection(POD_DISRUPTION_BUDGETS, { namespace, query });
  t.deepEqual(await names(), [third]);
  await api.deleteCollection(POD_DISRUPTION_BUDGETS, { namespace: 'default', query });
});

behaviour('[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  const names = [unique('p1'), unique('p2')] as const;
  await Promise.all(names.map((name, i) => api.create(PRIORITY_CLASSES, { metadata: { name }, value: i + 1 })));
  t.teardown(() => Promise.all(names.map((name) => api.delete(PRIORITY_CLASSES, name))));
  const [name] = names;
  t.deepEqual((await api.list(PRIORITY_CLASSES)).items.map((c) => c.metadata.name).filter((n) => (names as readonly string[]).includes(n)), names.toSorted());
  t.is((await api.patch(PRIORITY_CLASSES, name, 'json', [{ op: 'add', path: '/description', value: 'patched' }])).description, 'patched');
  t.is(((await updateLatest(scene, PRIORITY_CLASSES, name, undefined, () => ({ description: 'updated' }))) as KubeObject & { readonly description?: string }).description, 'updated');
  t.is((await api.failure(api.patch(PRIORITY_CLASSES, name, 'json', [{ op: 'replace', path: '/value', value: 77 }]))).reason, 'Invalid');
  const live = await api.get(PRIORITY_CLASSES, name);
  t.is((await api.failure(api.update(PRIORITY_CLASSES, { ...live, value: 77 }))).reason, 'Invalid');
});

behaviour('[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]', async ({ t, api, namespace }) => {
  const made = await api.create(CONFIG_MAPS, { metadata: { name: 'updated', namespace }, data: { 'data-1': 'value-1' } });
  await api.update(CONFIG_MAPS, { ...made, data: { 'data-1': 'value-2', 'data-3': 'value-3' } });
  t.deepEqual((await api.get(CONFIG_MAPS, 'updated', { namespace })).data, { 'data-1': 'value-2', 'data-3': 'value-3' });
});
