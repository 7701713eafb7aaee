import type { PersistentVolumeClaim, Pod, ScopedResourceSelectorRequirement } from '#api/generated/core/v1.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, PRIORITY_CLASSES } from '#api/resources.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { create, removePod, sized, uses, withQuota } from './support/quotas.ts';
import { newPod } from './support/workloads.ts';

const QUOTA = '[sig-api-machinery] ResourceQuota';
type Selector = Partial<ScopedResourceSelectorRequirement> & { readonly scopeName: string };
const scoped = (scene: Scene, name: string, hard: Readonly<Record<string, string>>, { operator = 'Exists', ...scope }: Selector): Promise<void> =>
  withQuota(scene, name, hard, { scopeSelector: { matchExpressions: [{ operator, ...scope }] } });

behaviour(`${QUOTA} should verify ResourceQuota with best effort scope using scope-selectors.`, async (scene) => {
  const { t } = scene;
  await scoped(scene, 'best-effort', { pods: '5' }, { scopeName: 'BestEffort' });
  await scoped(scene, 'not-best-effort', { pods: '5' }, { scopeName: 'NotBestEffort' });
  await create(scene, newPod('best-effort-pod'));
  await uses(scene, 'best-effort', { pods: '1' });
  await uses(scene, 'not-best-effort', { pods: '0' });
  await removePod(scene, 'best-effort-pod');
  await create(scene, sized('burstable-pod', { cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' }));
  await uses(scene, 'not-best-effort', { pods: '1' });
  t.truthy(await uses(scene, 'best-effort', { pods: '0' }));
});

behaviour(`${QUOTA} should verify ResourceQuota with terminating scopes through scope selectors.`, async (scene) => {
  const { t, api, namespace } = scene;
  // Room for one pod each.
  const hard = { pods: '1', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' };
  await scoped(scene, 'quota-terminating', hard, { scopeName: 'Terminating' });
  await scoped(scene, 'quota-not-terminating', hard, { scopeName: 'NotTerminating' });
  const sizes = [{ cpu: '500m', memory: '200Mi' }, { cpu: '1', memory: '400Mi' }] as const;
  const used = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' };
  const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' };
  const terminating = (): Sent => sized('terminating-pod', ...sizes, { activeDeadlineSeconds: 3600 });
  await create(scene, sized('test-pod', ...sizes));
  await uses(scene, 'quota-not-terminating', used);
  await uses(scene, 'quota-terminating', none);
  await updateLatest(scene, PODS, 'test-pod', namespace, (live) => ({ spec: { ...(live as Pod).spec, activeDeadlineSeconds: 3600 } }));
  t.is((await api.failure(create(scene, terminating()))).reason, 'Forbidden');
  await uses(scene, 'quota-terminating', used);
  await uses(scene, 'quota-not-terminating', none);
  await removePod(scene, 'test-pod');
  await uses(scene, 'quota-terminating', none);
  await create(scene, terminating());
  await uses(scene, 'quota-terminating', used);
  await removePod(scene, 'terminating-pod');
  t.truthy(await uses(scene, 'quota-terminating', none));
});

for (const [what, operator, isCounted] of [['In', 'In', true], ['NotIn', 'NotIn', false], ['Exists', 'Exists', true]] as const) {
  behaviour(`${QUOTA} [Feature:PodPriority] should verify ResourceQuota's priority class scope against pods with priority classes (ScopeSelectorOp${what}).`, async (scene) => {
    const { t, api, unique } = scene;
    const classes = [unique('pclass5'), unique('pclass6')];
    for (const name of classes) {
      await api.create(PRIORITY_CLASSES, { metadata: { name }, value: 1000 });
      t.teardown(() => api.delete(PRIORITY_CLASSES, name));
    }
    await scoped(scene, 'quota-priorityclass', { pods: '2' }, { scopeName: 'PriorityClass', operator, ...(operator === 'Exists' ? {} : { values: classes }) });
    for (const priorityClassName of classes) await create(scene, newPod(`testpod-${priorityClassName}`, {}, { priorityClassName }));
    await uses(scene, 'quota-priorityclass', { pods: isCounted ? '2' : '0' });
    for (const name of classes) await removePod(scene, `testpod-${name}`);
    t.truthy(await uses(scene, 'quota-priorityclass', { pods: '0' }));
  });
}

behaviour(`${QUOTA} should verify ResourceQuota with cross namespace pod affinity scope using scope-selectors.`, async (scene) => {
  const { t } = scene;
  const withTerm = (name: string, term: object): Sent => newPod(name, {}, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'region', ...term }] } } });
  await scoped(scene, 'quota-cross-namespace-pod-affinity', { pods: '5' }, { scopeName: 'CrossNamespacePodAffinity' });
  await create(scene, withTerm('no-cross-namespace-affinity', {}));
  await create(scene, withTerm('with-namespaces', { namespaces: ['ns1'] }));
  await uses(scene, 'quota-cross-namespace-pod-affinity', { pods: '1' });
  await create(scene, withTerm('with-namespace-selector', { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['ads'] }] } }));
  await uses(scene, 'quota-cross-namespace-pod-affinity', { pods: '2' });
  for (const name of ['no-cross-namespace-affinity', 'with-namespaces', 'with-namespace-selector']) await removePod(scene, name);
  t.truthy(await uses(scene, 'quota-cross-namespace-pod-affinity', { pods: '0' }));
});

behaviour(`${QUOTA} [FeatureGate:VolumeAttributesClass] should verify ResourceQuota's volume attributes class scope (quota set to pvc count: 1) against a pvc with different volume attributes class.`, async (scene) => {
  const { t, api, namespace } = scene;
  const claim = (name: string): Sent => ({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '', volumeAttributesClassName: 'gold', volumeName: 'pv' } });
  const hard = { 'requests.storage': '5Gi', persistentvolumeclaims: '1' };
  const [one, none] = [{ 'requests.storage': '1Gi', persistentvolumeclaims: '1' }, { 'requests.storage': '0', persistentvolumeclaims: '0' }];
  for (const name of ['gold', 'silver']) await scoped(scene, `quota-${name}`, hard, { scopeName: 'VolumeAttributesClass', operator: 'In', values: [name] });
  await api.create(PERSISTENT_VOLUME_CLAIMS, claim('test-claim'), { namespace });
  await uses(scene, 'quota-gold', one);
  t.is((await api.failure(api.create(PERSISTENT_VOLUME_CLAIMS, claim('second'), { namespace }))).reason, 'Forbidden');
  // Nothing binds claims here.
  const current = (name: string) => api.patch(PERSISTENT_VOLUME_CLAIMS, 'test-claim', 'merge', { status: { phase: 'Bound', currentVolumeAttributesClassName: name } }, { namespace, subresource: 'status' });
  await current('gold');
  await updateLatest(scene, PERSISTENT_VOLUME_CLAIMS, 'test-claim', namespace, (live) => ({ spec: { ...(live as PersistentVolumeClaim).spec, volumeAttributesClassName: 'silver' } }));
  await uses(scene, 'quota-silver', one);
  await uses(scene, 'quota-gold', one);
  await current('silver');
  await uses(scene, 'quota-gold', none);
  t.truthy(await uses(scene, 'quota-silver', one));
});
