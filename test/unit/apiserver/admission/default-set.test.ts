import test from 'ava';
import { type ApiCalls, openApi } from '#test/support/api-calls.ts';

const DEFAULT = '/api/v1/namespaces/default';
const STORAGE = '/apis/storage.k8s.io/v1/storageclasses';
const PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses';
const storageClass = (name: string, isDefault: boolean, more: object = {}) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } }, provisioner: 'p', ...more });
const claim = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } });
const pod = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const priority = (name: string, value: number, more: object = {}) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, ...more });

test('a claim gets the default class, unless it names one or none', async (t) => {
  const api = await openApi(t);
  await api.post(STORAGE, storageClass('slow', false));
  await api.post(STORAGE, storageClass('fast', true));
  const classOf = async (name: string, spec?: object): Promise<unknown> => (await api.post(`${DEFAULT}/persistentvolumeclaims`, claim(name, spec))).body.spec.storageClassName;
  t.is(await classOf('a'), 'fast');
  t.is(await classOf('b', { storageClassName: 'slow' }), 'slow');
  t.is(await classOf('c', { storageClassName: '' }), '');
});

test('a claim grows when it is bound and its class allows it', async (t) => {
  const api = await openApi(t);
  await api.post(STORAGE, storageClass('fixed', false));
  await api.post(STORAGE, storageClass('growing', false, { allowVolumeExpansion: true }));
  const grow = async (name: string, storageClassName: string, phase: string): Promise<string> => {
    await api.post(`${DEFAULT}/persistentvolumeclaims`, claim(name, { storageClassName }));
    await api.patch(`${DEFAULT}/persistentvolumeclaims/${name}/status`, { status: { phase } });
    return (await api.patch(`${DEFAULT}/persistentvolumeclaims/${name}`, { spec: { resources: { requests: { storage: '2Gi' } } } })).message;
  };
  t.regex(await grow('a', 'growing', 'Pending'), / is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims$/);
  t.regex(await grow('b', 'fixed', 'Bound'), /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize$/);
  t.is(await grow('c', 'growing', 'Bound'), '');
});

test('a pod of a RuntimeClass gets its overhead, nodes and tolerations', async (t) => {
  const api = await openApi(t);
  const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'vm' }, handler: 'vm', overhead: { podFixed: { memory: '64Mi' } }, scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] } };
  t.is((await api.post('/apis/node.k8s.io/v1/runtimeclasses', runtimeClass)).code, 201);
  const { spec } = (await api.post(`${DEFAULT}/pods`, pod('a', { runtimeClassName: 'vm' }))).body;
  t.deepEqual([spec.overhead, spec.nodeSelector, spec.tolerations.some((o: { key: string }) => o.key === 'vm')], [{ memory: '64Mi' }, { vm: 'yes' }, true]);
  t.regex((await api.post(`${DEFAULT}/pods`, pod('b', { runtimeClassName: 'none' }))).message, /pods "b" is forbidden: pod rejected: RuntimeClass "none" not found$/);
  t.regex((await api.post(`${DEFAULT}/pods`, pod('c', { overhead: { memory: '1Mi' } }))).message, /Pod Overhead set without corresponding RuntimeClass defined Overhead$/);
  t.regex((await api.post(`${DEFAULT}/pods`, pod('d', { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } }))).message, /conflict: runtimeClass\.scheduling\.nodeSelector\[vm\] = yes; pod\.spec\.nodeSelector\[vm\] = no$/);
});

test('an overhead is that of the class however it is written, and a class that selects no nodes leaves none selected', async (t) => {
  const api = await openApi(t);
  const make = (name: string, more: object) => api.post('/apis/node.k8s.io/v1/runtimeclasses', { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: 'h', ...more });
  await make('heavy', { overhead: { podFixed: { cpu: '100m', memory: '1Gi' } } });
  await make('plain', { scheduling: {} });
  t.deepEqual((await api.post(`${DEFAULT}/pods`, pod('a', { runtimeClassName: 'heavy', overhead: { cpu: '0.1', memory: '1073741824' } }))).body.spec.overhead, { cpu: '100m', memory: '1Gi' });
  t.regex((await api.post(`${DEFAULT}/pods`, pod('b', { runtimeClassName: 'heavy', overhead: { cpu: '100m' } }))).message, /pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead$/);
  t.is((await api.post(`${DEFAULT}/pods`, pod('c', { runtimeClassName: 'plain' }))).body.spec.nodeSelector, undefined);
});

test('an Ingress gets the default class', async (t) => {
  const api = await openApi(t);
  await api.post('/apis/networking.k8s.io/v1/ingressclasses', { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'main', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } }, spec: { controller: 'a/b' } });
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i' }, spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } };
  t.is((await api.post('/apis/networking.k8s.io/v1/namespaces/default/ingresses', ingress)).body.spec.ingressClassName, 'main');
});

test('a node gets no pods before it is ready', async (t) => {
  const api = await openApi(t);
  const node = (name: string, status: object = {}) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, status });
  t.deepEqual((await api.post('/api/v1/nodes', node('new'))).body.spec.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  t.is((await api.post('/api/v1/nodes', node('ready', { conditions: [{ type: 'Ready', status: 'True' }] }))).body.spec?.taints, undefined);
});

test('PriorityClasses: one default, fixed values, names of the system', async (t) => {
  const api = await openApi(t);
  t.is((await api.post(PRIORITIES, priority('high', 1000, { globalDefault: true }))).code, 201);
  t.is((await api.post(PRIORITIES, priority('other', 1, { globalDefault: true }))).message, 'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass high is already marked as default. Only one default can exist');
  t.regex((await api.patch(`${PRIORITIES}/high`, { value: 2 })).message, /value: Forbidden: may not be changed in an update\.$/);
  t.regex((await api.post(PRIORITIES, priority('system-own', 1))).message, /metadata\.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only\. error: system-own is not a known system priority class$/);
  t.regex((await api.post(PRIORITIES, priority('huge', 1_000_000_001))).message, /value: Forbidden: maximum allowed value of a user defined priority is 1000000000$/);
  t.is((await api.patch(`${PRIORITIES}/high`, { description: 'text', globalDefault: true })).code, 200);
});

test('an account that enforces its list of secrets lets its pods use no others', async (t) => {
  const api: ApiCalls = await openApi(t);
  await api.post(`${DEFAULT}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'listed' }] });
  const using = (secretName: string) => pod(secretName, { serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName } }] });
  t.is((await api.post(`${DEFAULT}/pods`, using('listed'))).code, 201);
  t.is((await api.post(`${DEFAULT}/pods`, using('other'))).message, 'pods "other" is forbidden: volume with secret.secretName="other" is not allowed because service account strict does not reference that secret');
});

test('nor may a container that is added to such a pod later', async (t) => {
  const api: ApiCalls = await openApi(t);
  await api.post(`${DEFAULT}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'listed' }] });
  await api.post(`${DEFAULT}/pods`, pod('p', { serviceAccountName: 'strict' }));
  const add = async (name: string, reads: object) => api.patch(`${DEFAULT}/pods/p/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name, image: 'i', ...reads }] } });
  const variable = (secret: string) => ({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: secret, key: 'k' } } }] });
  const refused = await add('e', variable('other'));
  t.deepEqual([refused.code, refused.message], [500, 'ephemeral container e with envVar X referencing secret.secretName="other" is not allowed because service account strict does not reference that secret']);
  t.regex((await add('e', { envFrom: [{ secretRef: { name: 'other' } }] })).message, /^ephemeral container e with envFrom referencing secret\.secretName="other" is not allowed/);
  t.is((await add('e', variable('listed'))).code, 200);
});

test('a mirror pod gets nothing from the cluster, and asks for nothing', async (t) => {
  const api = await openApi(t);
  const make = async (name: string, spec: object) => api.post(`${DEFAULT}/pods`, { ...pod(name, spec), metadata: { name, annotations: { 'kubernetes.io/config.mirror': 'x' } } });
  t.is((await make('a', { nodeName: 'n' })).body.spec.volumes, undefined);
  for (const [spec, problem] of [
    [{ serviceAccountName: 'default' }, /a mirror pod may not reference service accounts$/],
    [{ volumes: [{ name: 'v', secret: { secretName: 's' } }] }, /a mirror pod may not reference secrets$/],
    [{ imagePullSecrets: [{ name: 's' }] }, /a mirror pod may not reference secrets$/],
  ] as const) {
    const { code, message } = await make('b', { nodeName: 'n', ...spec });
    t.is(code, 403);
    t.regex(message, problem);
  }
});

test('the classes of the system stay', async (t) => {
  const api = await openApi(t);
  const { code, message } = await api.remove(`${PRIORITIES}/system-node-critical`);
  t.deepEqual([code, message], [403, 'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted']);
  await api.post(PRIORITIES, priority('own', 1));
  t.is((await api.remove(`${PRIORITIES}/own`)).code, 200);
});
