import type { DaemonSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { Scale } from '#api/generated/autoscaling/v1.ts';
import { CONTROLLER_REVISIONS, CRON_JOBS, DAEMON_SETS, PODS, SERVICE_ACCOUNTS, STATEFUL_SETS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { supportsOperations, updateLatest } from './support/operations.ts';

/** The parts of these behaviours that are the API's. What they say of pods needs the controllers of these kinds. */
const labels = { app: 'httpd' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'registry.example/httpd:1' }] } };
const workload = (name: string, more: object = {}): Sent => ({ metadata: { name, labels }, spec: { selector: { matchLabels: labels }, template, ...more } });
const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };

behaviour('[sig-apps] CronJob should support CronJob API operations [Conformance]', (scene) =>
  supportsOperations(scene, CRON_JOBS, {
    make: (name, given) => ({ metadata: { name, labels: given }, spec: { schedule: '*/1 * * * ?', suspend: true, jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'OnFailure' } } } } } }),
    status: { value: () => ({ lastScheduleTime: '2026-01-02T03:04:05Z' }) },
  }));

behaviour('[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]', (scene) => deletesCollection(scene, DAEMON_SETS, workload('daemon')));
behaviour('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets [Conformance]', (scene) =>
  deletesCollection(scene, STATEFUL_SETS, workload('set', { replicas: 0, serviceName: 'test' })));

async function deletesCollection({ t, api, namespace }: Scene, resource: ResourceType, object: Sent): Promise<void> {
  await api.create(resource, object, { namespace });
  const query = { labelSelector: 'app=httpd' };
  t.deepEqual((await api.list(resource, { query })).items.filter((i) => i.metadata.namespace === namespace).map((i) => i.metadata.name), [object.metadata.name]);
  const patched = await api.patch(resource, object.metadata.name ?? '', 'strategic', { metadata: { labels: { patched: 'yes' } }, spec: { template: { spec: { containers: [{ name: 'c', image: 'registry.example/httpd:2' }] } } } }, { namespace });
  t.is((patched as KubeObject & StatefulSet).spec.template.spec?.containers[0]?.image, 'registry.example/httpd:2');
  t.is(patched.metadata.generation, 2);
  await api.deleteCollection(resource, { namespace, query: { labelSelector: 'patched=yes' } });
  t.is((await api.list(resource, { namespace, query })).items.length, 0);
}

behaviour('[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]', (scene) => changesStatus(scene, DAEMON_SETS, workload('daemon')));
behaviour('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints [Conformance]', (scene) =>
  changesStatus(scene, STATEFUL_SETS, workload('set', { replicas: 0, serviceName: 'test' })));

async function changesStatus(scene: Scene, resource: ResourceType, object: Sent): Promise<void> {
  const { t, api, namespace } = scene;
  const name = object.metadata.name ?? '';
  const types = (o: KubeObject) => (o as KubeObject & DaemonSet).status?.conditions?.map((c) => c.type);
  const watch = await api.watch(resource, { namespace, query: { labelSelector: 'app=httpd' } });
  t.teardown(() => watch.close());
  await api.create(resource, object, { namespace });
  t.deepEqual(types(await api.get(resource, name, { namespace, subresource: 'status' })), undefined);
  await updateLatest(scene, resource, name, namespace, (live) => ({ status: { ...(live as KubeObject & DaemonSet).status, conditions: [condition] } }), 'status');
  await watch.next((e) => types(e.object)?.includes('StatusUpdate') === true, 'the updated status');
  await api.patch(resource, name, 'merge', { status: { conditions: [{ ...condition, type: 'StatusPatched' }] } }, { namespace, subresource: 'status' });
  await watch.next((e) => types(e.object)?.includes('StatusPatched') === true, 'the patched status');
  t.deepEqual(types(await api.get(resource, name, { namespace, subresource: 'status' })), ['StatusPatched']);
}

behaviour('[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(STATEFUL_SETS, workload('set', { replicas: 1, serviceName: 'test' }), { namespace });
  const scaleOf = async () => (await api.get(STATEFUL_SETS, 'set', { namespace, subresource: 'scale' })) as unknown as Scale;
  t.is((await scaleOf()).spec?.replicas, 1);
  await updateLatest(scene, STATEFUL_SETS, 'set', namespace, (scale) => ({ spec: { ...(scale as unknown as Scale).spec, replicas: 2 } }), 'scale');
  t.is((await scaleOf()).spec?.replicas, 2);
  t.is((await api.get(STATEFUL_SETS, 'set', { namespace })).spec.replicas, 2);
  await api.patch(STATEFUL_SETS, 'set', 'strategic', { spec: { replicas: 4 } }, { namespace, subresource: 'scale' });
  t.is((await api.get(STATEFUL_SETS, 'set', { namespace })).spec.replicas, 4);
});

behaviour('[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const set = await api.create(DAEMON_SETS, workload('daemon'), { namespace });
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemon', uid: set.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }];
  const data = { spec: { template: { $patch: 'replace', ...template } } };
  const create = (name: string, revision: number) => api.create(CONTROLLER_REVISIONS, { metadata: { name, labels: { lifecycle: namespace }, ownerReferences }, data, revision }, { namespace });
  const names = async (labelSelector = `lifecycle=${namespace}`) => (await api.list(CONTROLLER_REVISIONS, { query: { labelSelector } })).items.map((r) => r.metadata.name);
  const first = await create('daemon-1', 1);
  t.deepEqual(first.data, data);
  t.is((await api.patch(CONTROLLER_REVISIONS, 'daemon-1', 'strategic', { metadata: { labels: { 'daemon-1': 'patched' } } }, { namespace })).metadata.labels?.['daemon-1'], 'patched');
  await create('daemon-2', 2);
  t.deepEqual(await names(), ['daemon-1', 'daemon-2']);
  await api.delete(CONTROLLER_REVISIONS, 'daemon-1', { namespace });
  t.deepEqual(await names(), ['daemon-2']);
  const updated = await updateLatest(scene, CONTROLLER_REVISIONS, 'daemon-2', namespace, ({ metadata }) => ({ metadata: { ...metadata, labels: { ...metadata.labels, 'daemon-2': 'updated' } } }));
  t.is(updated.metadata.labels?.['daemon-2'], 'updated');
  t.is((await api.failure(api.patch(CONTROLLER_REVISIONS, 'daemon-2', 'merge', { data: { spec: null } }, { namespace }))).reason, 'Invalid');
  await create('daemon-3', 3);
  await api.deleteCollection(CONTROLLER_REVISIONS, { namespace, query: { labelSelector: 'daemon-2=updated' } });
  t.deepEqual(await names(), ['daemon-3']);
  t.is((await api.get(CONTROLLER_REVISIONS, 'daemon-3', { namespace })).revision, 3);
});

behaviour('[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]', async ({ t, api, namespace }) => {
  for (const [account, ofAccount] of [['mount', true], ['nomount', false], ['unset', undefined]] as const) {
    await api.create(SERVICE_ACCOUNTS, { metadata: { name: account, namespace }, ...(ofAccount === undefined ? {} : { automountServiceAccountToken: ofAccount }) });
    for (const [name, ofPod] of [['yes', true], ['no', false], ['nothing', undefined]] as const) {
      const pod = await api.create(PODS, { metadata: { name: `${account}-${name}`, namespace }, spec: { serviceAccountName: account, containers: template.spec.containers, ...(ofPod === undefined ? {} : { automountServiceAccountToken: ofPod }) } });
      const isMounted = pod.spec.containers[0]?.volumeMounts?.some((m) => m.mountPath === '/var/run/secrets/kubernetes.io/serviceaccount') === true;
      t.is(isMounted, ofPod ?? ofAccount ?? true, pod.metadata.name);
      await api.delete(PODS, pod.metadata.name, { namespace, options: { gracePeriodSeconds: 0 } });
    }
  }
});
