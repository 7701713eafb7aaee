import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Job } from '#api/generated/batch/v1.ts';
import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { DEPLOYMENTS, EVENTS, JOBS, PODS, REPLICA_SETS } from '#api/resources.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, eventually, isGone, newPod, newReplicaSet, podsOf, runs, template } from './support/workloads.ts';

const newDeployment = (name: string, replicas: number, spec: object = {}): Sent => ({ metadata: { name, labels: { name } }, spec: { replicas, selector: { matchLabels: { name } }, template: template({ name }), ...spec } });
const isComplete = ({ metadata, spec, status }: Deployment & KubeObject): boolean =>
  status?.observedGeneration === metadata.generation && status?.updatedReplicas === spec?.replicas && status?.replicas === spec?.replicas && status?.availableReplicas === spec?.replicas;
const completes = (scene: Scene, name: string) => becomes(scene, DEPLOYMENTS, name, isComplete as (d: Deployment) => boolean, 'to be rolled out');
const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'main', image: `example.org/${name}:1` }] } } } });
const setsOf = async ({ api, namespace }: Scene, name: string) => (await api.list(REPLICA_SETS, { namespace, query: { labelSelector: `name=${name}` } })).items;

behaviour('[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const at = { namespace, subresource: 'scale' };
  await api.create(DEPLOYMENTS, newDeployment('test-scale', 1), { namespace });
  await completes(scene, 'test-scale');
  const scale = (await api.get(DEPLOYMENTS, 'test-scale', at)) as unknown as Scale & KubeObject;
  t.like(scale, { spec: { replicas: 1 }, status: { replicas: 1, selector: 'name=test-scale' } });
  await api.update(DEPLOYMENTS, { ...scale, spec: { replicas: 2 } } as Sent, at);
  t.is((await api.get(DEPLOYMENTS, 'test-scale', { namespace })).spec?.replicas, 2);
  await api.patch(DEPLOYMENTS, 'test-scale', 'merge', { spec: { replicas: 4 } }, at);
  t.is((await api.get(DEPLOYMENTS, 'test-scale', { namespace })).spec?.replicas, 4);
  await runs(scene, 'name=test-scale', 4);
});

behaviour('[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'test-rolling-update';
  const REVISION = 'deployment.kubernetes.io/revision';
  const wanted = newReplicaSet(name, 1);
  // As old as this: more than a double holds exactly.
  const old = await api.create(REPLICA_SETS, { ...wanted, metadata: { ...wanted.metadata, annotations: { [REVISION]: '3546343826724305832' } } }, { namespace });
  await runs(scene, `name=${name}`, 1);
  await api.create(DEPLOYMENTS, newDeployment(name, 1, { template: { ...template({ name }), spec: { ...template({}).spec, containers: [{ name: 'main', image: 'example.org/new:1' }] } } }), { namespace });
  await completes(scene, name);
  const sets = await setsOf(scene, name);
  t.is(sets.length, 2);
  const adopted = sets.find((s) => s.metadata.uid === old.metadata.uid);
  t.is(adopted?.spec?.replicas, 0);
  t.is(adopted?.metadata.ownerReferences?.[0]?.kind, 'Deployment');
  t.is(sets.find((s) => s.metadata.uid !== old.metadata.uid)?.metadata.annotations?.[REVISION], '3546343826724305833');
});

behaviour('[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(DEPLOYMENTS, newDeployment('test-recreate', 1, { strategy: { type: 'Recreate' } }), { namespace });
  await completes(scene, 'test-recreate');
  const [old] = await podsOf(scene, 'name=test-recreate');
  const watch = await api.watch(PODS, { namespace, query: { labelSelector: 'name=test-recreate' } });
  t.teardown(() => watch.close());
  await api.patch(DEPLOYMENTS, 'test-recreate', 'strategic', image('new'), { namespace });
  await completes(scene, 'test-recreate');
  await watch.next((e) => e.type === 'ADDED' && e.object.metadata.name !== old?.metadata.name, 'the new pod');
  // The old pod is gone before a new one is made.
  const names = watch.events.map((e) => `${e.type} ${e.object.metadata.name}`);
  const isNew = (line: string): boolean => line.startsWith('ADDED') && !line.endsWith(old?.metadata.name ?? '');
  t.true(names.slice(0, names.findIndex(isNew)).includes(`DELETED ${old?.metadata.name}`), names.join());
});

behaviour('[sig-apps] Deployment deployment should delete old replica sets [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(DEPLOYMENTS, newDeployment('test-cleanup', 1, { revisionHistoryLimit: 0 }), { namespace });
  await completes(scene, 'test-cleanup');
  await api.patch(DEPLOYMENTS, 'test-cleanup', 'strategic', image('new'), { namespace });
  await completes(scene, 'test-cleanup');
  await eventually(async () => (await setsOf(scene, 'test-cleanup')).length === 1, { what: 'the old set to be deleted' });
  t.is((await setsOf(scene, 'test-cleanup'))[0]?.spec?.template?.spec?.containers[0]?.image, 'example.org/new:1');
});

behaviour('[sig-apps] Deployment deployment should support rollover [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(DEPLOYMENTS, newDeployment('test-rollover', 1, { minReadySeconds: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }), { namespace });
  for (const name of ['first', 'second', 'third']) await api.patch(DEPLOYMENTS, 'test-rollover', 'strategic', image(name), { namespace });
  await completes(scene, 'test-rollover');
  const sets = await setsOf(scene, 'test-rollover');
  t.deepEqual(sets.filter((s) => (s.spec?.replicas ?? 0) > 0).map((s) => s.spec?.template?.spec?.containers[0]?.image), ['example.org/third:1']);
});

behaviour('[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'test-deployment';
  const query = { labelSelector: 'test-deployment-static=true' };
  const watch = await api.watch(DEPLOYMENTS, { namespace, query });
  t.teardown(() => watch.close());
  await api.create(DEPLOYMENTS, { ...newDeployment(name, 2), metadata: { name, labels: { 'test-deployment-static': 'true' } } }, { namespace });
  await watch.next((e) => e.object.status?.availableReplicas === 2, 'two replicas', 40_000);
  await api.patch(DEPLOYMENTS, name, 'strategic', { metadata: { labels: { 'test-deployment': 'patched' } }, spec: { replicas: 1, ...image('patched').spec } }, { namespace });
  await watch.next((e) => e.object.metadata.labels?.['test-deployment'] === 'patched', 'the patch');
  await completes(scene, name);
  t.is((await api.list(DEPLOYMENTS, { query })).items.filter((d) => d.metadata.namespace === namespace).length, 1);
  await updateLatest(scene, DEPLOYMENTS, name, namespace, (live) => ({ metadata: { ...live.metadata, labels: { ...live.metadata.labels, 'test-deployment': 'updated' } }, spec: { ...(live as Deployment).spec, replicas: 2 } }));
  await watch.next((e) => e.object.metadata.labels?.['test-deployment'] === 'updated' && e.object.status?.readyReplicas === 2, 'the update', 40_000);
  const status = { namespace, subresource: 'status' };
  t.is((await api.get(DEPLOYMENTS, name, status)).status?.readyReplicas, 2);
  const patched = await api.patch(DEPLOYMENTS, name, 'merge', { metadata: { annotations: { patched: 'status' } }, status: { readyReplicas: 0, availableReplicas: 0 } }, status);
  t.is(patched.metadata.annotations?.['patched'], 'status');
  await api.deleteCollection(DEPLOYMENTS, { namespace, query });
  await watch.type('DELETED', name);
});

behaviour('[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const status = { namespace, subresource: 'status' };
  await api.create(DEPLOYMENTS, newDeployment('test-status', 1), { namespace });
  await completes(scene, 'test-status');
  const watch = await api.watch(DEPLOYMENTS, { namespace, query: { fieldSelector: 'metadata.name=test-status' } });
  t.teardown(() => watch.close());
  t.is((await api.get(DEPLOYMENTS, 'test-status', status)).status?.replicas, 1);
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await updateLatest(scene, DEPLOYMENTS, 'test-status', namespace, (live) => ({ status: { ...(live as Deployment).status, conditions: [...((live as Deployment).status?.conditions ?? []), condition] } }), 'status');
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'StatusUpdate') === true, 'the updated status');
  await api.patch(DEPLOYMENTS, 'test-status', 'merge', { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, status);
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'StatusPatched') === true, 'the patched status');
});

const GC = '[sig-api-machinery] Garbage collector';
behaviour(`${GC} should delete RS created by deployment when not orphaning [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(DEPLOYMENTS, newDeployment('simpletest.deployment', 2), { namespace });
  await runs(scene, 'name=simpletest.deployment', 2);
  await api.delete(DEPLOYMENTS, 'simpletest.deployment', { namespace, options: { propagationPolicy: 'Background' } });
  t.true(await isGone(scene, DEPLOYMENTS, 'simpletest.deployment'));
  await eventually(async () => (await setsOf(scene, 'simpletest.deployment')).length + (await podsOf(scene, 'name=simpletest.deployment')).length === 0, { what: 'sets and pods to be collected' });
});

behaviour(`${GC} should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(DEPLOYMENTS, newDeployment('simpletest.deployment', 2), { namespace });
  await runs(scene, 'name=simpletest.deployment', 2);
  await api.delete(DEPLOYMENTS, 'simpletest.deployment', { namespace, options: { propagationPolicy: 'Orphan' } });
  await isGone(scene, DEPLOYMENTS, 'simpletest.deployment');
  const [set, ...more] = await setsOf(scene, 'simpletest.deployment');
  t.deepEqual(more, []);
  t.deepEqual(set?.metadata.ownerReferences ?? [], []);
  t.is((await podsOf(scene, 'name=simpletest.deployment')).filter((p) => p.metadata.ownerReferences?.[0]?.uid === set?.metadata.uid).length, 2);
});

const newJob = (name: string, spec: object = {}, annotations: Readonly<Record<string, string>> = { 'headway.dev/simulated-duration': '1h' }): Sent => {
  const { metadata, spec: pod } = template({ job: name }, { restartPolicy: 'Never' });
  return { metadata: { name, labels: { job: name } }, spec: { parallelism: 2, completions: 4, backoffLimit: 6, template: { metadata: { ...metadata, annotations }, spec: pod }, ...spec } };
};
const controllerOf = (object: KubeObject | undefined) => object?.metadata.ownerReferences?.find((o) => o.controller);

behaviour('[sig-apps] Job should delete a job [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('foo'), { namespace });
  await runs(scene, 'job=foo', 2);
  await api.delete(JOBS, 'foo', { namespace, options: { propagationPolicy: 'Foreground' } });
  t.true(await isGone(scene, JOBS, 'foo'));
  t.is((await podsOf(scene, 'job=foo')).length, 0);
});

behaviour('[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const job = await api.create(JOBS, newJob('adopt-release'), { namespace });
  const [pod] = await runs(scene, 'job=adopt-release', 2);
  const name = pod?.metadata.name ?? '';
  await api.patch(PODS, name, 'merge', { metadata: { ownerReferences: null } }, { namespace });
  const adopted = await becomes(scene, PODS, name, (p) => controllerOf(p) !== undefined, 'to be adopted again');
  t.is(controllerOf(adopted)?.uid, job.metadata.uid);
  await api.patch(PODS, name, 'merge', { metadata: { labels: null } }, { namespace });
  await becomes(scene, PODS, name, (p) => controllerOf(p) === undefined, 'to be released');
});

behaviour('[sig-apps] Job should apply changes to a job status [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const at = { namespace, subresource: 'status' };
  await api.create(JOBS, newJob('suspended'), { namespace });
  await runs(scene, 'job=suspended', 2);
  const { status: before } = await becomes(scene, JOBS, 'suspended', ({ status }) => status?.active === 2, 'to count its pods');
  const patched = await api.patch(JOBS, 'suspended', 'merge', { metadata: { annotations: { patchedstatus: 'true' } }, status: { startTime: before?.startTime } }, at);
  t.is(patched.metadata.annotations?.['patchedstatus'], 'true');
  const condition = { type: 'CustomConditionType', status: 'True', reason: 'E2E' };
  await updateLatest(scene, JOBS, 'suspended', namespace, (live) => ({ status: { ...(live as Job).status, conditions: [...((live as Job).status?.conditions ?? []), condition] } }), 'status');
  t.true((await api.get(JOBS, 'suspended', at)).status?.conditions?.some((c) => c.type === 'CustomConditionType'));
});

behaviour('[sig-apps] Job should manage the lifecycle of a job [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const query = { labelSelector: 'e2e-job=patched' };
  await api.create(JOBS, newJob('lifecycle', { suspend: true }), { namespace });
  await api.patch(JOBS, 'lifecycle', 'strategic', { metadata: { labels: { 'e2e-job': 'patched' } } }, { namespace });
  await becomes(scene, JOBS, 'lifecycle', ({ status }) => status?.conditions?.some((c) => c.type === 'Suspended' && c.status === 'True') === true, 'to be suspended');
  await updateLatest(scene, JOBS, 'lifecycle', namespace, (live) => ({ metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, updated: 'true' } }, spec: { ...(live as Job).spec, suspend: false } }));
  await runs(scene, 'job=lifecycle', 2);
  t.is((await api.list(JOBS, { query })).items.filter((j) => j.metadata.namespace === namespace).length, 1);
  await api.deleteCollection(JOBS, { namespace, query, options: { propagationPolicy: 'Foreground' } });
  t.true(await isGone(scene, JOBS, 'lifecycle'));
});

behaviour('[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('indexed-job', { completionMode: 'Indexed' }, { 'headway.dev/simulated-duration': '200ms' }), { namespace });
  const done = await becomes(scene, JOBS, 'indexed-job', ({ status }) => status?.conditions?.some((c) => c.type === 'Complete' && c.status === 'True') === true, 'to be complete');
  t.is(done.status?.completedIndexes, '0-3');
  const pods = (await podsOf(scene, 'job=indexed-job')).filter((p) => p.status?.phase === 'Succeeded');
  t.deepEqual(pods.map((p) => p.metadata.annotations?.['batch.kubernetes.io/job-completion-index']).toSorted(), ['0', '1', '2', '3']);
  for (const pod of pods) t.is(pod.spec?.hostname, `indexed-job-${pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']}`);
});

behaviour('[sig-apps] Job should run a job to completion when tasks succeed', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('all-succeed', {}, { 'headway.dev/simulated-duration': '200ms' }), { namespace });
  const done = await becomes(scene, JOBS, 'all-succeed', ({ status }) => status?.conditions?.some((c) => c.type === 'Complete' && c.status === 'True') === true, 'to be complete');
  t.is(done.status?.succeeded, 4);
});

behaviour('[sig-apps] Job should fail when exceeds active deadline', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('exceed-active-deadline', { activeDeadlineSeconds: 1 }), { namespace });
  const failed = await becomes(scene, JOBS, 'exceed-active-deadline', ({ status }) => status?.conditions?.some((c) => c.type === 'Failed' && c.status === 'True') === true, 'to have failed');
  t.is(failed.status?.conditions?.find((c) => c.type === 'Failed')?.reason, 'DeadlineExceeded');
  t.is(failed.status?.failed, 2);
  await eventually(async () => (await podsOf(scene, 'job=exceed-active-deadline')).every((p) => p.metadata.deletionTimestamp !== undefined || p.status?.phase === 'Failed'), { what: 'its pods to end' });
});

behaviour('[sig-apps] Job should delete pods when suspended', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('suspend-false-to-true'), { namespace });
  await runs(scene, 'job=suspend-false-to-true', 2);
  await api.patch(JOBS, 'suspend-false-to-true', 'merge', { spec: { suspend: true } }, { namespace });
  const suspended = await becomes(scene, JOBS, 'suspend-false-to-true', ({ status }) => status?.conditions?.some((c) => c.type === 'Suspended' && c.status === 'True') === true && (status.active ?? 0) === 0, 'to be suspended');
  t.is(suspended.status?.startTime, undefined);
  t.is(suspended.status?.failed ?? 0, 0);
  await eventually(async () => (await podsOf(scene, 'job=suspend-false-to-true')).length === 0, { what: 'the pods to be gone' });
  const query = { fieldSelector: 'involvedObject.kind=Job,reason=Suspended' };
  await eventually(async () => (await api.list(EVENTS, { namespace, query })).items.length === 1, { what: 'the event' });
});

behaviour('[sig-apps] Job should not create pods when created in suspend state', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(JOBS, newJob('suspend-true-to-false', { suspend: true }), { namespace });
  await becomes(scene, JOBS, 'suspend-true-to-false', ({ status }) => status?.conditions?.some((c) => c.type === 'Suspended') === true, 'to be suspended');
  t.is((await podsOf(scene, 'job=suspend-true-to-false')).length, 0);
  await api.patch(JOBS, 'suspend-true-to-false', 'merge', { spec: { suspend: false } }, { namespace });
  await runs(scene, 'job=suspend-true-to-false', 2);
  const query = { fieldSelector: 'involvedObject.kind=Job,reason=Resumed' };
  await eventually(async () => (await api.list(EVENTS, { namespace, query })).items.length === 1, { what: 'the event' });
  t.is((await api.failure(api.create(PODS, newPod('late', {}, { containers: [] }), { namespace }))).reason, 'Invalid');
});
