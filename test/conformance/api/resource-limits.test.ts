import type { LimitRange, Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, LIMIT_RANGES, PERSISTENT_VOLUME_CLAIMS, PODS, PRIORITY_CLASSES, RESOURCE_QUOTAS } from '#api/resources.ts';
import type { Sent } from './support/api.ts';
import { behaviour } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { updateLatest } from './support/operations.ts';
import { create, removePod, sized, uses, withQuota } from './support/quotas.ts';
import { becomes, eventually, isGone, newPod } from './support/workloads.ts';

const QUOTA = '[sig-api-machinery] ResourceQuota';
behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a pod. [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await withQuota(scene, 'test-quota', { pods: '5', cpu: '1', memory: '500Mi', 'requests.ephemeral-storage': '50Gi', 'requests.example.com/dongle': '3' });
  await create(scene, sized('test-pod', { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'example.com/dongle': '2' }, { 'example.com/dongle': '2' }));
  await uses(scene, 'test-quota', { pods: '1', cpu: '500m', memory: '252Mi', 'requests.ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' });
  const refused = await api.failure(create(scene, sized('fail-pod', { cpu: '600m', memory: '100Mi' })));
  t.is(refused.reason, 'Forbidden');
  t.regex(refused.message, /exceeded quota: test-quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1/);
  t.is((await api.failure(create(scene, sized('fail-extended', { cpu: '100m', memory: '100Mi', 'ephemeral-storage': '10Gi', 'example.com/dongle': '2' }, { 'example.com/dongle': '2' })))).reason, 'Forbidden');
  t.is((await api.failure(api.patch(PODS, 'test-pod', 'strategic', { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '100m' } } }] } }, { namespace }))).reason, 'Invalid');
  await uses(scene, 'test-quota', { pods: '1', cpu: '500m' });
  await removePod(scene, 'test-pod');
  await uses(scene, 'test-quota', { pods: '0', cpu: '0', memory: '0', 'requests.ephemeral-storage': '0', 'requests.example.com/dongle': '0' });
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a configMap. [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await eventually(async () => (await api.list(CONFIG_MAPS, { namespace })).items.length === 1, { what: 'the CA of the namespace' });
  await withQuota(scene, 'test-quota', { configmaps: '3' });
  await uses(scene, 'test-quota', { configmaps: '1' });
  await api.create(CONFIG_MAPS, { metadata: { name: 'test-configmap' }, data: { a: 'b' } }, { namespace });
  await uses(scene, 'test-quota', { configmaps: '2' });
  await api.delete(CONFIG_MAPS, 'test-configmap', { namespace });
  t.truthy(await uses(scene, 'test-quota', { configmaps: '1' }));
});

behaviour(`${QUOTA} should be able to update and delete ResourceQuota. [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await withQuota(scene, 'test-quota', { cpu: '1', memory: '500Mi' });
  await updateLatest(scene, RESOURCE_QUOTAS, 'test-quota', namespace, () => ({ spec: { hard: { cpu: '2', memory: '1Gi' } } }));
  const changed = await becomes(scene, RESOURCE_QUOTAS, 'test-quota', ({ status }) => status?.hard?.['cpu'] === '2', 'to be recounted');
  t.is(changed.spec?.hard?.['memory'], '1Gi');
  await api.delete(RESOURCE_QUOTAS, 'test-quota', { namespace });
  t.true(await isGone(scene, RESOURCE_QUOTAS, 'test-quota'));
});

behaviour(`${QUOTA} should verify ResourceQuota with best effort scope. [Conformance]`, async (scene) => {
  const { t } = scene;
  await withQuota(scene, 'best-effort', { pods: '5' }, { scopes: ['BestEffort'] });
  await withQuota(scene, 'not-best-effort', { pods: '5' }, { scopes: ['NotBestEffort'] });
  await create(scene, newPod('best-effort-pod'));
  await uses(scene, 'best-effort', { pods: '1' });
  await uses(scene, 'not-best-effort', { pods: '0' });
  await removePod(scene, 'best-effort-pod');
  await uses(scene, 'best-effort', { pods: '0' });
  await create(scene, sized('burstable-pod', { cpu: '100m' }, { cpu: '200m' }));
  await uses(scene, 'not-best-effort', { pods: '1' });
  await uses(scene, 'best-effort', { pods: '0' });
  await removePod(scene, 'burstable-pod');
  t.truthy(await uses(scene, 'not-best-effort', { pods: '0' }));
});

behaviour(`${QUOTA} should verify ResourceQuota with terminating scopes. [Conformance]`, async (scene) => {
  const { t } = scene;
  const hard = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' };
  await withQuota(scene, 'terminating', hard, { scopes: ['Terminating'] });
  await withQuota(scene, 'not-terminating', hard, { scopes: ['NotTerminating'] });
  const sizes = [{ cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' }] as const;
  const used = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' };
  await create(scene, sized('test-pod', ...sizes));
  await uses(scene, 'not-terminating', used);
  await uses(scene, 'terminating', { pods: '0', 'requests.cpu': '0' });
  await removePod(scene, 'test-pod');
  await uses(scene, 'not-terminating', { pods: '0' });
  await create(scene, sized('terminating-pod', ...sizes, { activeDeadlineSeconds: 3600 }));
  await uses(scene, 'terminating', used);
  await uses(scene, 'not-terminating', { pods: '0' });
  await removePod(scene, 'terminating-pod');
  t.truthy(await uses(scene, 'terminating', { pods: '0' }));
});

behaviour(`${QUOTA} [Feature:PodPriority] should verify ResourceQuota's priority class scope (quota set to pod count: 1) against a pod with same priority class.`, async (scene) => {
  const { t, api, unique } = scene;
  const priorityClassName = unique('pclass1');
  await api.create(PRIORITY_CLASSES, { metadata: { name: priorityClassName }, value: 1000 });
  t.teardown(() => api.delete(PRIORITY_CLASSES, priorityClassName));
  await withQuota(scene, 'priority', { pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [priorityClassName] }] } });
  await create(scene, newPod('other'));
  await create(scene, newPod('same', {}, { priorityClassName }));
  await uses(scene, 'priority', { pods: '1' });
  t.is((await api.failure(create(scene, newPod('same-2', {}, { priorityClassName })))).reason, 'Forbidden');
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a persistent volume claim`, async (scene) => {
  const { t, api, namespace } = scene;
  const claim = (storage: string) => ({ metadata: { name: 'test-claim' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'gold' } });
  await withQuota(scene, 'test-quota', { persistentvolumeclaims: '1', 'requests.storage': '5Gi', 'gold.storageclass.storage.k8s.io/requests.storage': '2Gi' });
  t.is((await api.failure(api.create(PERSISTENT_VOLUME_CLAIMS, claim('3Gi'), { namespace }))).reason, 'Forbidden');
  await api.create(PERSISTENT_VOLUME_CLAIMS, claim('1Gi'), { namespace });
  await uses(scene, 'test-quota', { persistentvolumeclaims: '1', 'requests.storage': '1Gi', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' });
  await api.delete(PERSISTENT_VOLUME_CLAIMS, 'test-claim', { namespace });
  await uses(scene, 'test-quota', { persistentvolumeclaims: '0', 'requests.storage': '0' });
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a custom resource.`, async (scene) => {
  const { t, api, namespace } = scene;
  const custom = await createCustom(scene);
  const key = `count/${custom.plural}.${custom.group}`;
  await withQuota(scene, 'test-quota', { [key]: '1' });
  await api.create(custom.resource(), { metadata: { name: 'first' } }, { namespace });
  await uses(scene, 'test-quota', { [key]: '1' });
  t.is((await api.failure(api.create(custom.resource(), { metadata: { name: 'second' } }, { namespace }))).reason, 'Forbidden');
  await api.delete(custom.resource(), 'first', { namespace });
  await uses(scene, 'test-quota', { [key]: '0' });
});

const RANGE = {
  limits: [{
    type: 'Container', min: { cpu: '50m', memory: '100Mi', 'ephemeral-storage': '100Gi' }, max: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' },
    default: { cpu: '500m', memory: '500Mi', 'ephemeral-storage': '500Gi' }, defaultRequest: { cpu: '100m', memory: '200Mi', 'ephemeral-storage': '200Gi' }, maxLimitRequestRatio: {},
  }],
};
const resourcesOf = (pod: Pod) => pod.spec?.containers[0]?.resources;

behaviour('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const watch = await api.watch(LIMIT_RANGES, { namespace });
  t.teardown(() => watch.close());
  await api.create(LIMIT_RANGES, { metadata: { name: 'limit-range', labels: { time: 'now' } }, spec: RANGE }, { namespace });
  await watch.type('ADDED', 'limit-range');
  t.is((await api.list(LIMIT_RANGES, { namespace, query: { labelSelector: 'time=now' } })).items.length, 1);
  const plain = await create(scene, newPod('pod-no-resources'));
  t.deepEqual(resourcesOf(plain), { limits: RANGE.limits[0]?.default, requests: RANGE.limits[0]?.defaultRequest });
  const partial = await create(scene, sized('pod-partial-resources', { cpu: '150m', memory: '150Mi', 'ephemeral-storage': '150Gi' }, { cpu: '300m', memory: '300Mi' }));
  t.deepEqual(resourcesOf(partial), { requests: { cpu: '150m', memory: '150Mi', 'ephemeral-storage': '150Gi' }, limits: { cpu: '300m', memory: '300Mi', 'ephemeral-storage': '500Gi' } });
  const refused = [sized('less-than-min', { cpu: '10m', memory: '50Mi' }), sized('more-than-max', { cpu: '600m', memory: '600Mi' }, { cpu: '600m', memory: '600Mi' })];
  for (const pod of refused) t.is((await api.failure(create(scene, pod))).reason, 'Forbidden');
  await updateLatest(scene, LIMIT_RANGES, 'limit-range', namespace, (live) => {
    const [limit] = (live as LimitRange & KubeObject).spec?.limits ?? [];
    return { spec: { limits: [{ ...limit, min: { cpu: '9m', memory: '49Mi', 'ephemeral-storage': '49Gi' } }] } };
  });
  t.truthy(await create(scene, sized('now-allowed', { cpu: '10m', memory: '50Mi', 'ephemeral-storage': '50Gi' })));
  t.is((await api.failure(create(scene, refused[1] as Sent))).reason, 'Forbidden');
  await api.delete(LIMIT_RANGES, 'limit-range', { namespace });
  await watch.type('DELETED', 'limit-range');
  t.truthy(await create(scene, sized('unlimited', { cpu: '600m', memory: '600Mi' })));
});

behaviour('[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]', async (scene) => {
  const { t, api, namespace, unique } = scene;
  const label = unique('e2e-limitrange');
  const query = { labelSelector: `e2e-test=${label}` };
  await api.create(LIMIT_RANGES, { metadata: { name: 'limits', labels: { 'e2e-test': label } }, spec: RANGE }, { namespace });
  t.is((await api.list(LIMIT_RANGES, { query })).items.length, 1);
  const patched = await api.patch(LIMIT_RANGES, 'limits', 'strategic', { metadata: { labels: { limits: 'patched' } }, spec: { limits: [{ type: 'Container', min: { cpu: '40m' } }] } }, { namespace });
  t.is(patched.metadata.labels?.['limits'], 'patched');
  await api.deleteCollection(LIMIT_RANGES, { namespace, query: { labelSelector: 'limits=patched' } });
  t.is((await api.list(LIMIT_RANGES, { query })).items.length, 0);
});
