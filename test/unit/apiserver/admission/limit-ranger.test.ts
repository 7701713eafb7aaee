import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const range = (limits: readonly object[], name = 'l') => ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name }, spec: { limits } });
const pod = (name: string, resources?: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }] } });

test('containers get what they leave out, and the pod its class of service', async (t) => {
  const api = await openApi(t);
  await api.post(`${NAMESPACE}/limitranges`, range([{ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m', memory: '200Mi' } }]));
  const { body } = await api.post(`${NAMESPACE}/pods`, pod('a', { requests: { cpu: '300m' } }));
  t.deepEqual(body.spec.containers[0].resources, { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '300m', memory: '200Mi' } });
  t.is(body.metadata.annotations['kubernetes.io/limit-ranger'], 'LimitRanger plugin set: memory request for container c; cpu, memory limit for container c');
  t.is(body.status.qosClass, 'Burstable');
});

test('the range itself fills its defaults from its bounds', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(`${NAMESPACE}/limitranges`, range([{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }]));
  t.deepEqual(body.spec.limits[0], { type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Mi' } });
});

const bounds: readonly { name: string; limit: object; resources?: object; message: string }[] = [
  { name: 'less than the minimum', limit: { type: 'Container', min: { cpu: '50m' } }, resources: { requests: { cpu: '10m' }, limits: { cpu: '1' } }, message: 'minimum cpu usage per Container is 50m, but request is 10m' },
  { name: 'more than the maximum', limit: { type: 'Container', max: { cpu: '500m' } }, resources: { requests: { cpu: '100m' }, limits: { cpu: '600m' } }, message: 'maximum cpu usage per Container is 500m, but limit is 600m' },
  { name: 'no limit for the pod', limit: { type: 'Pod', max: { memory: '1Gi' } }, message: 'maximum memory usage per Pod is 1Gi.  No limit is specified' },
  { name: 'too large a ratio', limit: { type: 'Container', maxLimitRequestRatio: { cpu: '2' } }, resources: { requests: { cpu: '100m' }, limits: { cpu: '300m' } }, message: 'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000' },
  { name: 'several at once', limit: { type: 'Pod', min: { cpu: '1', memory: '1Gi' } }, resources: { requests: { cpu: '100m' } }, message: '[minimum cpu usage per Pod is 1, but request is 100m, minimum memory usage per Pod is 1Gi.  No request is specified]' },
];
for (const { name, limit, resources, message } of bounds) {
  test(`a pod is refused: ${name}`, async (t) => {
    const api = await openApi(t);
    t.is((await api.post(`${NAMESPACE}/limitranges`, range([limit]))).code, 201);
    const refused = await api.post(`${NAMESPACE}/pods`, pod('a', resources));
    t.is(refused.code, 403);
    t.is(refused.message, `pods "a" is forbidden: ${message}`);
  });
}

test('a claim is held to its bounds', async (t) => {
  const api = await openApi(t);
  await api.post(`${NAMESPACE}/limitranges`, range([{ type: 'PersistentVolumeClaim', max: { storage: '2Gi' }, min: { storage: '1Gi' } }]));
  const claim = (storage: string) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } });
  t.is((await api.post(`${NAMESPACE}/persistentvolumeclaims`, claim('3Gi'))).message, 'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi');
  t.is((await api.post(`${NAMESPACE}/persistentvolumeclaims`, claim('1500Mi'))).code, 201);
});

const invalid: readonly { name: string; limits: readonly object[]; message: RegExp }[] = [
  { name: 'min above max', limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }], message: /spec\.limits\[0\]\.min\[cpu\]: Invalid value: "2": min value 2 is greater than max value 1$/ },
  { name: 'defaults for pods', limits: [{ type: 'Pod', default: { cpu: '2' } }], message: /spec\.limits\[0\]\.default: Forbidden: may not be specified when `type` is 'Pod'$/ },
  { name: 'a type twice', limits: [{ type: 'Pod' }, { type: 'Pod' }], message: /spec\.limits\[1\]\.type: Duplicate value: "Pod"$/ },
  { name: 'an unknown type', limits: [{ type: 'Thing' }], message: /spec\.limits\[0\]\.type: Invalid value: "Thing": must be a standard limit type or fully qualified$/ },
  { name: 'a claim without bounds', limits: [{ type: 'PersistentVolumeClaim' }], message: /spec\.limits\[0\]\.limits: Required value: either minimum or maximum storage value is required, but neither was provided$/ },
];
for (const { name, limits, message } of invalid) {
  test(`a LimitRange is invalid: ${name}`, async (t) => {
    const api = await openApi(t);
    const refused = await api.post(`${NAMESPACE}/limitranges`, range(limits));
    t.is(refused.code, 422);
    t.regex(refused.message, message);
  });
}

const quota = (spec: object) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec });
const invalidQuotas: readonly { name: string; spec: object; message: RegExp }[] = [
  { name: 'an unknown resource', spec: { hard: { things: '1' } }, message: /spec\.hard\[things\]: Invalid value: "things": must be a standard resource type or fully qualified/ },
  { name: 'a fraction of a pod', spec: { hard: { pods: '500m' } }, message: /spec\.hard\[pods\]: Invalid value: "500m": must be an integer$/ },
  { name: 'a negative amount', spec: { hard: { cpu: '-1' } }, message: /spec\.hard\[cpu\]: Invalid value: "-1": must be greater than or equal to 0$/ },
  { name: 'scopes that exclude each other', spec: { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }, message: /conflicting scopes$/ },
  { name: 'a scope that the resource does not know', spec: { hard: { services: '1' }, scopes: ['Terminating'] }, message: /unsupported scope applied to resource$/ },
  { name: 'a selector without values', spec: { hard: { pods: '1' }, scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } }, message: /spec\.scopeSelector\.matchExpressions\.values: Required value: must be at least one value/ },
];
for (const { name, spec, message } of invalidQuotas) {
  test(`a ResourceQuota is invalid: ${name}`, async (t) => {
    const api = await openApi(t);
    const refused = await api.post(`${NAMESPACE}/resourcequotas`, quota(spec));
    t.is(refused.code, 422);
    t.regex(refused.message, message);
  });
}
