import type { Pod, PodTemplate } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS, POD_TEMPLATES, RUNTIME_CLASSES } from '#api/resources.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, containers, eventually, isGone, newPod, podsOf, template } from './support/workloads.ts';

type LivePod = Pod & KubeObject;
const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running';
const runPod = async (scene: Scene, sent: Sent): Promise<LivePod> => {
  const made = await scene.api.create(PODS, sent, { namespace: scene.namespace });
  return becomes(scene, PODS, made.metadata.name, isRunning, 'to run') as Promise<LivePod>;
};

behaviour('[sig-node] Pods should get a host IP [NodeConformance] [Conformance]', async (scene) => {
  const { status } = await runPod(scene, newPod('pod-hostip'));
  scene.t.regex(status?.hostIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  scene.t.is(status?.hostIPs?.[0]?.ip, status?.hostIP);
});

behaviour('[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const query = { labelSelector: 'time=now' };
  const before = await api.list(PODS, { namespace, query });
  t.deepEqual(before.items, []);
  const watch = await api.watch(PODS, { namespace, query: { ...query, resourceVersion: before.metadata.resourceVersion ?? '' } });
  t.teardown(() => watch.close());
  await api.create(PODS, newPod('pod-submit-remove', { time: 'now' }, { terminationGracePeriodSeconds: 30 }), { namespace });
  t.is((await api.list(PODS, { namespace, query })).items.length, 1);
  await watch.type('ADDED', 'pod-submit-remove');
  await watch.next((e) => e.object.status?.phase === 'Running', 'the pod to run', 40_000);
  await api.delete(PODS, 'pod-submit-remove', { namespace, options: { gracePeriodSeconds: 30 } });
  const last = await watch.next((e) => e.type === 'DELETED', 'the deletion', 40_000);
  t.truthy(last.object.metadata.deletionTimestamp);
  t.is(typeof last.object.metadata.deletionGracePeriodSeconds, 'number');
  t.deepEqual((await api.list(PODS, { namespace, query })).items, []);
});

behaviour('[sig-node] Pods should be updated [NodeConformance] [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await runPod(scene, newPod('pod-update', { time: 'first' }));
  t.is((await podsOf(scene, 'time=first')).length, 1);
  await updateLatest(scene, PODS, 'pod-update', namespace, (live) => ({ metadata: { ...live.metadata, labels: { time: 'second' } } }));
  t.is((await podsOf(scene, 'time=second')).length, 1);
  t.is((await api.failure(api.patch(PODS, 'pod-update', 'strategic', { spec: { containers: [{ name: 'main', ports: [{ containerPort: 1 }] }] } }, { namespace }))).reason, 'Invalid');
});

behaviour('[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await runPod(scene, newPod('pod-deadline'));
  await updateLatest(scene, PODS, 'pod-deadline', namespace, (live) => ({ spec: { ...(live as Pod).spec, activeDeadlineSeconds: 2 } }));
  const failed = await becomes(scene, PODS, 'pod-deadline', (pod) => pod.status?.phase === 'Failed', 'to be over its deadline');
  t.is(failed.status?.reason, 'DeadlineExceeded');
  t.is((await api.failure(api.patch(PODS, 'pod-deadline', 'merge', { spec: { activeDeadlineSeconds: 20 } }, { namespace }))).reason, 'Invalid');
});

behaviour('[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const query = { labelSelector: 'test-pod-static=true' };
  const watch = await api.watch(PODS, { namespace, query });
  t.teardown(() => watch.close());
  await api.create(PODS, newPod('pod-test', { 'test-pod-static': 'true' }, { terminationGracePeriodSeconds: 1 }), { namespace });
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true, 'the pod to be ready', 40_000);
  await api.patch(PODS, 'pod-test', 'strategic', { metadata: { labels: { 'test-pod': 'patched' } }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'example.org/other:2' }] } }, { namespace });
  const patched = await watch.next((e) => e.object.metadata.labels?.['test-pod'] === 'patched', 'the patch');
  t.is(patched.object.spec?.containers[0]?.image, 'example.org/other:2');
  t.is((await api.get(PODS, 'pod-test', { namespace, subresource: 'status' })).status?.phase, 'Running');
  await updateLatest(scene, PODS, 'pod-test', namespace, (live) => {
    const { status } = live as Pod;
    return { status: { ...status, conditions: [...(status?.conditions ?? []).filter((c) => c.type !== 'Ready'), { type: 'Ready', status: 'False' }] } };
  }, 'status');
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'False') === true, 'the status');
  await api.deleteCollection(PODS, { namespace, query, options: { gracePeriodSeconds: 1 } });
  await watch.next((e) => e.type === 'DELETED', 'the deletion', 40_000);
});

behaviour('[sig-node] Pods should patch a pod status [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await runPod(scene, newPod('pod-status'));
  const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status: { message: 'Patched by e2e test', reason: 'E2E' } };
  const patched = await api.patch(PODS, 'pod-status', 'strategic', patch, { namespace, subresource: 'status' });
  t.is(patched.status?.message, 'Patched by e2e test');
  t.is(patched.status?.reason, 'E2E');
});

behaviour('[sig-node] Pods should delete a collection of pods [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  for (const name of ['test-pod-1', 'test-pod-2', 'test-pod-3']) await runPod(scene, newPod(name, { type: 'Testing' }));
  t.is((await podsOf(scene, 'type=Testing')).length, 3);
  await api.deleteCollection(PODS, { namespace, query: { labelSelector: 'type=Testing' } });
  await eventually(async () => (await podsOf(scene, 'type=Testing')).length === 0, { what: 'the pods to be gone' });
});

behaviour('[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]', async ({ t, api, namespace }) => {
  const resources = { limits: { cpu: '100m', memory: '100Mi' }, requests: { cpu: '100m', memory: '100Mi' } };
  const made = await api.create(PODS, newPod('pod-qos', {}, { containers: containers({ resources }) }), { namespace });
  t.is(made.status?.qosClass, 'Guaranteed');
  const { limits: _, ...burstable } = resources;
  t.is((await api.create(PODS, newPod('pod-burstable', {}, { containers: containers({ resources: burstable }) }), { namespace })).status?.qosClass, 'Burstable');
  t.is((await api.create(PODS, newPod('pod-best-effort'), { namespace })).status?.qosClass, 'BestEffort');
});

const GENERATION = '[sig-node] Pods Extended (pod generation) Pod Generation';
behaviour(`${GENERATION} pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34] [Conformance]`, async (scene) => {
  const { t, namespace } = scene;
  const observed = (generation: number) => becomes(scene, PODS, 'generation', ({ metadata, status }) => metadata.generation === generation && status?.observedGeneration === generation, `to be seen in generation ${generation}`);
  const made = await runPod(scene, newPod('generation', {}, { initContainers: [{ name: 'init', image: 'example.org/init:1' }] }));
  t.is(made.metadata.generation, 1);
  await observed(1);
  const update = (change: (pod: LivePod) => object) => updateLatest(scene, PODS, 'generation', namespace, (live) => change(live as LivePod));
  const inSpec = (change: object) => update(({ spec }) => ({ spec: { ...spec, ...change } }));
  const changes: readonly (readonly [generation: number, change: () => Promise<unknown>])[] = [
    [1, () => update(() => ({}))],
    [2, () => update(({ spec }) => ({ spec: { ...spec, tolerations: [...(spec?.tolerations ?? []), { key: 'foo', operator: 'Equal', value: 'bar', effect: 'NoSchedule' }] } }))],
    [3, () => inSpec({ activeDeadlineSeconds: 5_000 })],
    [4, () => update(({ spec }) => ({ spec: { ...spec, containers: spec?.containers.map((c) => ({ ...c, image: 'example.org/other:2' })) } }))],
    [5, () => update(({ spec }) => ({ spec: { ...spec, initContainers: spec?.initContainers?.map((c) => ({ ...c, image: 'example.org/pause:1' })) } }))],
    [5, () => update(({ metadata }) => ({ metadata: { ...metadata, annotations: { key: 'value' } } }))],
    [5, () => update(({ metadata }) => ({ metadata: { ...metadata, generation: 1 } }))],
  ];
  for (const [generation, change] of changes) {
    await change();
    t.truthy(await observed(generation));
  }
});

behaviour(`${GENERATION} custom-set generation on new pods and graceful delete [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const sent = newPod('generation', {}, { terminationGracePeriodSeconds: 60, nodeSelector: { 'no-such': 'node' } });
  const made = await api.create(PODS, { ...sent, metadata: { ...sent.metadata, generation: 100, finalizers: ['example.com/held'] } }, { namespace });
  t.is(made.metadata.generation, 1);
  await api.delete(PODS, 'generation', { namespace });
  const marked = await api.get(PODS, 'generation', { namespace });
  t.is(marked.metadata.generation, 2);
  await api.patch(PODS, 'generation', 'merge', { metadata: { finalizers: null } }, { namespace });
});

behaviour('[sig-node] Pods Extended Pod TerminationGracePeriodSeconds is negative pod with negative grace period', async (scene) => {
  const { t, api, namespace } = scene;
  const grace = async () => (await api.get(PODS, 'negative', { namespace })).spec?.terminationGracePeriodSeconds;
  await api.create(PODS, newPod('negative', {}, { terminationGracePeriodSeconds: -1 }), { namespace });
  t.is(await grace(), 1);
  await updateLatest(scene, PODS, 'negative', namespace, (live) => ({ spec: { ...(live as LivePod).spec, terminationGracePeriodSeconds: -1 } }));
  t.is(await grace(), 1);
});

const EPHEMERAL = '[sig-node] Ephemeral Containers [NodeConformance]';
const debugContainer = (name: string) => ({ name, image: 'example.org/debug:1', command: ['sleep', '10000'], stdin: true, tty: true });
const runsEphemerally = (scene: Scene, count: number): Promise<Pod> =>
  becomes(scene, PODS, 'ephemeral-containers-target-pod', ({ status }) => status?.ephemeralContainerStatuses?.filter((c) => c.state?.running).length === count, `to have ${count} ephemeral containers`);

behaviour(`${EPHEMERAL} will start an ephemeral container in an existing pod [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runPod(scene, newPod('ephemeral-containers-target-pod'));
  const patched = await api.patch(PODS, 'ephemeral-containers-target-pod', 'strategic', { spec: { ephemeralContainers: [debugContainer('debugger')] } }, { namespace, subresource: 'ephemeralcontainers' });
  t.like(patched.spec?.ephemeralContainers?.[0], { name: 'debugger', terminationMessagePolicy: 'File' });
  await runsEphemerally(scene, 1);
});

behaviour(`${EPHEMERAL} should update the ephemeral containers in an existing pod [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'ephemeral-containers-target-pod';
  await runPod(scene, newPod(name));
  await api.patch(PODS, name, 'strategic', { spec: { ephemeralContainers: [debugContainer('debugger')] } }, { namespace, subresource: 'ephemeralcontainers' });
  await runsEphemerally(scene, 1);
  await updateLatest(scene, PODS, name, namespace, (live) => {
    const { spec } = live as Pod;
    return { spec: { ...spec, ephemeralContainers: [...(spec?.ephemeralContainers ?? []), debugContainer('debugger2')] } };
  }, 'ephemeralcontainers');
  const both = await runsEphemerally(scene, 2);
  t.deepEqual(both.spec?.ephemeralContainers?.map((c) => c.name), ['debugger', 'debugger2']);
});

behaviour('[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'nginx-pod-template';
  const query = { labelSelector: 'podtemplate-static=true' };
  await api.create(POD_TEMPLATES, { metadata: { name, labels: { 'podtemplate-static': 'true' } }, template: template({}) }, { namespace });
  t.is((await api.get(POD_TEMPLATES, name, { namespace })).metadata.name, name);
  await api.patch(POD_TEMPLATES, name, 'strategic', { metadata: { labels: { podtemplate: 'patched' } } }, { namespace });
  const { items } = await api.list(POD_TEMPLATES, { query });
  t.is(items.find((o) => o.metadata.namespace === namespace)?.metadata.labels?.['podtemplate'], 'patched');
  await api.delete(POD_TEMPLATES, name, { namespace });
  t.deepEqual((await api.list(POD_TEMPLATES, { namespace, query })).items, []);
});

behaviour('[sig-node] PodTemplates should delete a collection of pod templates [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const query = { labelSelector: 'podtemplate-set=true' };
  for (const name of ['test-podtemplate-1', 'test-podtemplate-2', 'test-podtemplate-3']) await api.create(POD_TEMPLATES, { metadata: { name, labels: { 'podtemplate-set': 'true' } }, template: template({}) }, { namespace });
  t.is((await api.list(POD_TEMPLATES, { namespace, query })).items.length, 3);
  await api.deleteCollection(POD_TEMPLATES, { namespace, query });
  t.is((await api.list(POD_TEMPLATES, { namespace, query })).items.length, 0);
});

behaviour('[sig-node] PodTemplates should replace a pod template [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(POD_TEMPLATES, { metadata: { name: 'replaced' }, template: template({}) }, { namespace });
  const updated = await updateLatest(scene, POD_TEMPLATES, 'replaced', namespace, (live) => ({ metadata: { ...live.metadata, annotations: { updated: 'true' } } }));
  t.is((updated as PodTemplate & KubeObject).metadata.annotations?.['updated'], 'true');
});

const RUNTIME = '[sig-node] RuntimeClass';
async function withRuntimeClass({ t, api, unique }: Scene, spec: object = {}): Promise<string> {
  const name = unique('runtime');
  await api.create(RUNTIME_CLASSES, { metadata: { name }, handler: 'preconfigured', ...spec });
  t.teardown(() => api.deleteCollection(RUNTIME_CLASSES, { query: { fieldSelector: `metadata.name=${name}` } }));
  return name;
}
const isScheduled = (pod: Pod): boolean => pod.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'True') === true;

behaviour(`${RUNTIME} should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]`, async ({ t, api, namespace, unique }) => {
  const refused = await api.failure(api.create(PODS, newPod('runtime', {}, { runtimeClassName: unique('nonexistent') }), { namespace }));
  t.is(refused.reason, 'Forbidden');
  t.regex(refused.message, /pod rejected: RuntimeClass "nonexistent-[0-9a-f]+" not found/);
});

behaviour(`${RUNTIME} should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const name = await withRuntimeClass(scene);
  await api.delete(RUNTIME_CLASSES, name);
  await isGone(scene, RUNTIME_CLASSES, name);
  t.is((await api.failure(api.create(PODS, newPod('runtime', {}, { runtimeClassName: name }), { namespace }))).reason, 'Forbidden');
});

behaviour(`${RUNTIME} should reject a Pod requesting a RuntimeClass with conflicting node selector`, async (scene) => {
  const { t, api, namespace } = scene;
  const runtimeClassName = await withRuntimeClass(scene, { scheduling: { nodeSelector: { foo: 'conflict' } } });
  t.is((await api.failure(api.create(PODS, newPod('runtime', {}, { runtimeClassName, nodeSelector: { foo: 'bar' } }), { namespace }))).reason, 'Forbidden');
  t.is((await api.create(PODS, newPod('runtime', {}, { runtimeClassName }), { namespace })).spec?.nodeSelector?.['foo'], 'conflict');
});

behaviour(`${RUNTIME} should schedule a Pod requesting a RuntimeClass without PodOverhead [NodeConformance] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const runtimeClassName = await withRuntimeClass(scene);
  await api.create(PODS, newPod('runtime', {}, { runtimeClassName }), { namespace });
  t.is((await becomes(scene, PODS, 'runtime', isScheduled, 'to be scheduled')).spec?.overhead, undefined);
});

behaviour(`${RUNTIME} should schedule a Pod requesting a RuntimeClass and initialize its Overhead [NodeConformance] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const runtimeClassName = await withRuntimeClass(scene, { overhead: { podFixed: { cpu: '10m', memory: '1Mi' } } });
  await api.create(PODS, newPod('runtime', {}, { runtimeClassName }), { namespace });
  t.deepEqual((await becomes(scene, PODS, 'runtime', isScheduled, 'to be scheduled')).spec?.overhead, { cpu: '10m', memory: '1Mi' });
});

behaviour('[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [MinimumKubeletVersion:1.21] [Conformance]', async ({ t, api, namespace }) => {
  const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'].map((name) => ({ name, value: '100000000' }));
  const { reason, message } = await api.failure(api.create(PODS, newPod('sysctl', {}, { securityContext: { sysctls } }), { namespace }));
  t.is(reason, 'Invalid');
  for (const name of ['foo-', 'bar..']) t.true(message.includes(`Invalid value: "${name}"`), message);
  for (const name of ['safe-and-unsafe', 'kernel.shmmax']) t.false(message.includes(name), message);
});

behaviour('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const volumes = [{ name: 'inline', csi: { driver: 'e2e.example.com', readOnly: true, volumeAttributes: { foo: 'bar' } } }];
  const labels = { csi: 'inline' };
  await api.create(PODS, newPod('csi', labels, { nodeSelector: { 'no-such': 'node' }, volumes }), { namespace });
  t.deepEqual((await api.get(PODS, 'csi', { namespace })).spec?.volumes?.find((v) => v.name === 'inline')?.csi, volumes[0]?.csi);
  const patched = await api.patch(PODS, 'csi', 'strategic', { metadata: { labels: { patched: 'yes' } } }, { namespace });
  t.is(patched.metadata.labels?.['patched'], 'yes');
  await api.deleteCollection(PODS, { namespace, query: { labelSelector: 'csi=inline' } });
  await isGone(scene, PODS, 'csi');
});
