import test, { type ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest } from '#api/transport.ts';
import { forbiddenLabels } from '#apiserver/admission/node-labels.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const NODE = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };

async function open(t: ExecutionContext) {
  const api = await startInProcessApi(t);
  const as = (user: typeof ADMIN) => async (method: ApiRequest['method'], path: string, body?: object, query?: Readonly<Record<string, string>>) => {
    const answer = await api.handle({ method, path, ...(body ? { body } : {}), ...(query ? { query } : {}) }, user);
    return { status: answer.status, object: answer.body as KubeObject, message: (answer.body as Status).message ?? '' };
  };
  const admin = as(ADMIN);
  const node = as(NODE);
  for (const name of ['n1', 'n2']) await admin('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name } });
  await admin('POST', '/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  const pod = (name: string, nodeName: string, spec: object = {}) => admin('POST', '/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { nodeName, containers: [{ name: 'c', image: 'i' }], ...spec } });
  return { admin, node, pod };
}
const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });

test('a node reads the secrets, maps and claims of its own pods only, and loses them with the pod', async (t) => {
  const { admin, node, pod } = await open(t);
  for (const name of ['env', 'volume', 'other', 'pull']) await admin('POST', '/api/v1/namespaces/default/secrets', secret(name));
  await pod('own', 'n1', {
    containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'env' } }] }], imagePullSecrets: [{ name: 'pull' }],
    volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'volume' } }] } }, { name: 'w', persistentVolumeClaim: { claimName: 'claim' } }],
  });
  await pod('foreign', 'n2', { imagePullSecrets: [{ name: 'other' }] });
  await admin('POST', '/api/v1/persistentvolumes', { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, claimRef: { namespace: 'default', name: 'claim' } } });
  const get = async (path: string): Promise<number> => (await node('GET', path)).status;
  const secrets = (name: string): Promise<number> => get(`/api/v1/namespaces/default/secrets/${name}`);
  t.deepEqual(await Promise.all(['env', 'volume', 'pull', 'other'].map(secrets)), [200, 200, 200, 403]);
  t.is(await get('/api/v1/namespaces/default/configmaps/none'), 403);
  t.is(await get('/api/v1/namespaces/default/persistentvolumeclaims/claim'), 404);
  t.is(await get('/api/v1/persistentvolumes/pv'), 200);
  t.is(await get('/api/v1/namespaces/default/secrets'), 403);
  t.is((await node('GET', '/api/v1/namespaces/default/secrets', undefined, { fieldSelector: 'metadata.name=env' })).status, 200);
  t.deepEqual([await get('/api/v1/namespaces/default/pods/own'), await get('/api/v1/namespaces/default/pods/foreign'), await get('/api/v1/pods')], [200, 403, 403]);
  t.is((await node('GET', '/api/v1/pods', undefined, { fieldSelector: 'spec.nodeName=n1' })).status, 200);
  await admin('DELETE', '/api/v1/namespaces/default/pods/own', undefined, { gracePeriodSeconds: '0' });
  t.is(await secrets('env'), 403);
});

test('a node lists and watches one pod of its own by name, and no claim that only names a volume shows what the volume is mounted with', async (t) => {
  const { admin, node, pod } = await open(t);
  await pod('own', 'n1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }] });
  await pod('foreign', 'n2');
  const list = async (name: string) => (await node('GET', '/api/v1/namespaces/default/pods', undefined, { fieldSelector: `metadata.name=${name}` })).status;
  t.deepEqual([await list('own'), await list('foreign')], [200, 403]);
  t.regex((await node('GET', '/api/v1/pods')).message, /can only list\/watch pods with spec\.nodeName field selector$/);
  await admin('POST', '/api/v1/namespaces/default/persistentvolumeclaims', { metadata: { name: 'claim' }, spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv', resources: { requests: { storage: '1Gi' } } } });
  await admin('POST', '/api/v1/persistentvolumes', { metadata: { name: 'pv' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], claimRef: { namespace: 'default', name: 'other' }, csi: { driver: 'd', volumeHandle: 'h', nodePublishSecretRef: { namespace: 'kube-system', name: 's' } } } });
  t.is((await node('GET', '/api/v1/namespaces/kube-system/secrets/s')).status, 403);
  const status = '/api/v1/namespaces/default/persistentvolumeclaims/claim/status';
  t.regex((await node('GET', status)).message, /can only get\/update\/patch this type$/);
  t.is((await node('PUT', status, { ...(await admin('GET', status)).object, status: { phase: 'Pending', capacity: { storage: '1Gi' } } })).message, '');
});

test('a node reads the claim of its pod\'s extended resources, which it cannot choose itself, and nothing for a mirror pod', async (t) => {
  const { admin, node, pod } = await open(t);
  const { object } = await pod('own', 'n1', { containers: [{ name: 'c', image: 'i', resources: { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } } }] });
  const claim = { resourceClaimName: 'gpus', requestMappings: [{ containerName: 'c', resourceName: 'example.com/gpu', requestName: 'request-0' }] };
  const put = (by: typeof node) => by('PUT', '/api/v1/namespaces/default/pods/own/status', { ...object, status: { ...(object as KubeObject & { readonly status?: object }).status, extendedResourceClaimStatus: claim } });
  const read = async () => (await node('GET', '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims/gpus')).status;
  t.regex((await put(node)).message, /node "n1" cannot update extended resource claim status$/);
  t.is(await read(), 403);
  t.is((await put(admin)).message, '');
  t.is(await read(), 404);
  const { uid } = (await admin('GET', '/api/v1/nodes/n1')).object.metadata;
  await admin('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true }] }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'm' } }] }] },
  });
  t.is((await node('GET', '/api/v1/namespaces/default/pods/mirror')).status, 200);
  t.is((await node('GET', '/api/v1/namespaces/default/configmaps/m')).status, 403);
});

test('a node asks for certificates of a node in its own name only', async (t) => {
  const { node } = await open(t);
  const [own, other] = await Promise.all(['n1', 'n2'].map(async (name) => certificateRequest({ commonName: `system:node:${name}`, organizations: ['system:nodes'], dnsNames: [name] })));
  const ask = async (request: string, signerName: string, name: string) => (await node('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', { metadata: { name }, spec: { request, signerName, usages: ['digital signature', signerName.endsWith('serving') ? 'server auth' : 'client auth'] } })).message;
  t.is(await ask(own?.request ?? '', 'kubernetes.io/kubelet-serving', 'a'), '');
  for (const signer of ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']) t.regex(await ask(other?.request ?? '', signer, 'b'), /is forbidden: can only create a node CSR with CN=system:node:n1$/);
  t.is(await ask(other?.request ?? '', 'example.com/own', 'c'), '');
});

test('a node writes its own node and lease, and neither taints nor labels that draw workloads', async (t) => {
  const { node, admin } = await open(t);
  const patch = async (name: string, body: object) => (await node('PUT', `/api/v1/nodes/${name}`, { ...(await admin('GET', `/api/v1/nodes/${name}`)).object, ...body })).message;
  t.is(await patch('n1', { metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1', zone: 'a' } } }), '');
  t.regex(await patch('n1', { metadata: { name: 'n1', labels: { 'node-restriction.kubernetes.io/x': 'y', 'kubernetes.io/other': 'z' } } }), /is not allowed to modify labels: kubernetes\.io\/other, node-restriction\.kubernetes\.io\/x/);
  t.regex(await patch('n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }), /node "n1" is not allowed to modify taints/);
  t.regex(await patch('n2', {}), /node "n1" is not allowed to modify node "n2"$/);
  const lease = (name: string, namespace = 'kube-node-lease') => node('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } });
  t.deepEqual([(await lease('n1')).status, (await lease('n2')).status, (await lease('n1', 'default')).status], [201, 403, 403]);
});

test('a node makes mirror pods of itself only, and none that reads anything', async (t) => {
  const { node, admin } = await open(t);
  const { uid } = (await admin('GET', '/api/v1/nodes/n1')).object.metadata;
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true };
  const create = (metadata: object, spec: object = {}) => node('POST', '/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [owner], ...metadata }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec } });
  t.regex((await create({ annotations: {} })).message, /can only create mirror pods/);
  t.regex((await create({}, { nodeName: 'n2' })).message, /can only create pods with spec\.nodeName set to itself/);
  t.regex((await create({ ownerReferences: [] })).message, /with an owner reference set to itself/);
  t.regex((await create({ ownerReferences: [{ ...owner, uid: 'x' }] })).message, /UID mismatch: expected x got/);
  t.regex((await create({}, { serviceAccountName: 'default' })).message, /reference a service account/);
  t.regex((await create({}, { imagePullSecrets: [{ name: 's' }] })).message, /reference secrets/);
  t.regex((await create({}, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })).message, /reference persistentvolumeclaims/);
  t.is((await create({})).status, 201);
});

test('a node asks for tokens of the pods that run on it, for their audiences', async (t) => {
  const { node, pod } = await open(t);
  const own = await pod('own', 'n1', { volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't', audience: 'vault' } }] } }] });
  const foreign = await pod('foreign', 'n2');
  const token = (spec: object) => node('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
  const ref = ({ object }: typeof own) => ({ kind: 'Pod', apiVersion: 'v1', name: object.metadata.name, uid: object.metadata.uid });
  t.regex((await token({})).message, /node requested token not bound to a pod/);
  t.regex((await token({ boundObjectRef: { ...ref(own), uid: undefined } })).message, /pod binding without a uid/);
  t.regex((await token({ boundObjectRef: ref(foreign) })).message, /bound to a pod scheduled on a different node/);
  t.is((await token({ boundObjectRef: { ...ref(own), name: 'gone' } })).status, 404);
  t.regex((await token({ boundObjectRef: { ...ref(own), uid: 'other' } })).message, /is forbidden: the UID in the bound object reference \(other\) does not match the UID in record\. The object might have been deleted and then recreated$/);
  t.regex((await token({ boundObjectRef: ref(own), audiences: ['other'] })).message, /audience "other" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience$/);
  t.regex((await token({ boundObjectRef: ref(own), audiences: ['vault', 'other'] })).message, /node may only request 0 or 1 audiences$/);
  t.is((await token({ boundObjectRef: ref(own), audiences: ['vault'] })).status, 201);
  t.is((await token({ boundObjectRef: ref(own) })).status, 201);
});

test('a node changes the status of its own pods, and nothing else of any', async (t) => {
  const { node, pod } = await open(t);
  const own = await pod('own', 'n1');
  const foreign = await pod('foreign', 'n2');
  const put = async ({ object }: typeof own, change: object, subresource = '/status') => (await node('PUT', `/api/v1/namespaces/default/pods/${object.metadata.name}${subresource}`, { ...object, ...change })).message;
  t.is(await put(own, { status: { phase: 'Running' } }), '');
  t.regex(await put(foreign, { status: { phase: 'Running' } }), /can only update pod status for pods with spec\.nodeName set to itself/);
  t.regex(await put(own, {}, ''), /cannot update resource "pods"/);
  t.regex((await node('DELETE', '/api/v1/namespaces/default/pods/foreign')).message, /can only delete pods with spec\.nodeName set to itself/);
});

test('a node evicts its own pods, and hears when there is none', async (t) => {
  const { node, pod } = await open(t);
  await pod('own', 'n1');
  await pod('foreign', 'n2');
  const evict = (name: string) => node('POST', `/api/v1/namespaces/default/pods/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
  t.regex((await evict('foreign')).message, /node n1 can only evict pods with spec\.nodeName set to itself$/);
  t.deepEqual([(await evict('gone')).status, (await evict('own')).status], [404, 201]);
});

test('a node reads the secrets that the volumes of its pods are mounted with', async (t) => {
  const { admin, node, pod } = await open(t);
  const volume = (name: string, azureFile: object) => admin('POST', '/api/v1/persistentvolumes', { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadOnlyMany'], claimRef: { namespace: 'default', name }, azureFile: { shareName: 'share', ...azureFile } } });
  const claim = (name: string) => admin('POST', '/api/v1/namespaces/default/persistentvolumeclaims', { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadOnlyMany'], volumeName: name, resources: { requests: { storage: '1Gi' } } } });
  for (const name of ['here', 'there']) await claim(name);
  await volume('here', { secretName: 'mount' });
  await volume('there', { secretName: 'mount', secretNamespace: 'kube-system' });
  const namespaces = ['default', 'kube-system'];
  for (const namespace of namespaces) await admin('POST', `/api/v1/namespaces/${namespace}/secrets`, secret('mount'));
  const seen = () => Promise.all(namespaces.map(async (namespace) => (await node('GET', `/api/v1/namespaces/${namespace}/secrets/mount`)).status));
  const use = (name: string) => pod(name, 'n1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: name } }] });
  t.deepEqual(await seen(), [403, 403]);
  await use('here');
  t.deepEqual(await seen(), [200, 403]);
  await use('there');
  t.deepEqual(await seen(), [200, 200]);
});

test('labels of Kubernetes are a node\'s own only when it needs them', (t) => {
  t.deepEqual(forbiddenLabels({ a: 'b', 'example.com/x': 'y', 'kubernetes.io/os': 'linux', 'x.kubelet.kubernetes.io/y': 'z', 'node.kubernetes.io/q': 'r' }), []);
  t.deepEqual(forbiddenLabels({ 'node-role.kubernetes.io/control-plane': '' }), ['node-role.kubernetes.io/control-plane']);
  t.deepEqual(forbiddenLabels({}, { 'x.node-restriction.kubernetes.io/y': 'z' }), ['x.node-restriction.kubernetes.io/y']);
});

test('a node reads itself, and no other node', async (t) => {
  const { node } = await open(t);
  t.is((await node('GET', '/api/v1/nodes/n1')).status, 200);
  t.is((await node('GET', '/api/v1/nodes', undefined, { fieldSelector: 'metadata.name=n1' })).status, 200);
  t.regex((await node('GET', '/api/v1/nodes/n2')).message, /node 'n1' cannot read 'n2', only its own Node object$/);
  t.regex((await node('GET', '/api/v1/nodes')).message, /node 'n1' cannot read all nodes, only its own Node object$/);
});
