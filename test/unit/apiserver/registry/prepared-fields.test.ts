import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { PERSISTENT_VOLUME_CLAIM } from '#apiserver/registry/core/persistent-volume-claim.ts';
import { openApi } from '#test/support/api-calls.ts';

const DEFAULT = '/api/v1/namespaces/default';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const container = { name: 'c', image: 'i' };
const ANY = { apiGroup: 'x.io', kind: 'Backup', name: 'b' };
const CLAIM = { kind: 'PersistentVolumeClaim', name: 'b' };

for (const [rule, given, stored] of [
  ['what the old field names stands in the new one too', { dataSource: CLAIM }, { dataSource: CLAIM, dataSourceRef: CLAIM }],
  ['and the other way round', { dataSourceRef: ANY }, { dataSource: ANY, dataSourceRef: ANY }],
  ['the old field takes no other kinds', { dataSource: ANY }, {}],
  ['none in another namespace is taken', { dataSourceRef: { ...CLAIM, namespace: 'other' } }, {}],
] as const) {
  test(`the sources of a claim: ${rule}`, async (t) => {
    const api = await openApi(t);
    const { spec } = (await api.post(`${DEFAULT}/persistentvolumeclaims`, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...given } })).body;
    t.deepEqual({ dataSource: spec.dataSource, dataSourceRef: spec.dataSourceRef }, { dataSource: undefined, dataSourceRef: undefined, ...stored });
  });
}

test('clients that know one field of a claim\'s sources may leave out the other, and a claim that has one keeps it', async (t) => {
  const claim = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec }) as KubeObject;
  const updated = async (spec: object, live: object): Promise<unknown> => {
    const result = await PERSISTENT_VOLUME_CLAIM.prepareUpdate?.(claim(spec), claim(live), undefined as never, undefined as never);
    return (result as { readonly spec?: object } | undefined)?.spec;
  };
  t.deepEqual(await updated({ dataSource: ANY }, { dataSource: ANY, dataSourceRef: ANY }), { dataSource: ANY, dataSourceRef: ANY });
  t.deepEqual(await updated({ dataSource: CLAIM }, { dataSource: CLAIM }), { dataSource: CLAIM });
});

test('fields of features that are off or gone are dropped', async (t) => {
  const api = await openApi(t);
  const lease = await api.post('/apis/coordination.k8s.io/v1/namespaces/default/leases', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { holderIdentity: 'h', strategy: 'OldestEmulationVersion', preferredHolder: 'p' } });
  t.deepEqual(lease.body.spec, { holderIdentity: 'h' });
  const node = await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { providerID: 'p', configSource: { configMap: { name: 'a', namespace: 'b', kubeletConfigKey: 'c' } } }, status: { config: { error: 'e' } } });
  t.deepEqual([node.body.spec.providerID, node.body.spec.configSource, node.body.status.config], ['p', undefined, undefined]);
  const driver = await api.post('/apis/storage.k8s.io/v1/csidrivers', { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'd' }, spec: { preventPodSchedulingIfMissing: true } });
  t.deepEqual([driver.code, driver.body.spec.preventPodSchedulingIfMissing], [201, undefined]);
});

const job = (name: string, more: object, labels: object = {}): object => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { metadata: { labels }, spec: { restartPolicy: 'Never', containers: [container] } }, ...more } });

test('a job that is selected by its own labels may not say what they are', async (t) => {
  const api = await openApi(t);
  const fieldsOf = async (body: object): Promise<readonly string[]> => ((await api.post(JOBS, body)).body as { readonly details: { readonly causes: readonly { readonly field: string }[] } }).details.causes.map(({ field }) => field);
  t.deepEqual(await fieldsOf(job('a', {}, { 'job-name': 'b', 'controller-uid': 'c' })), ['spec.template.metadata.labels[controller-uid]', 'spec.template.metadata.labels[job-name]']);
  t.deepEqual(await fieldsOf(job('a', { selector: { matchLabels: { x: 'y' } } }, { x: 'y' })), ['spec.selector']);
  t.is((await api.post(JOBS, job('a', { selector: { matchLabels: { x: 'y' } }, manualSelector: true }, { x: 'y' }))).code, 201);
});

test('the conditions of a cron job\'s failure policy get their default', async (t) => {
  const api = await openApi(t);
  const template = { spec: { podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }, template: { spec: { restartPolicy: 'Never', containers: [container] } } } };
  const { code, body } = await api.post('/apis/batch/v1/namespaces/default/cronjobs', { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c' }, spec: { schedule: '@daily', jobTemplate: template } });
  t.is(code, 201);
  t.deepEqual(body.spec.jobTemplate.spec.podFailurePolicy.rules[0].onPodConditions, [{ type: 'DisruptionTarget', status: 'True' }]);
});

test('a Service that asks for what is no address is refused before it gets one', async (t) => {
  const api = await openApi(t);
  for (const [spec, field] of [[{ clusterIP: 'x' }, 'spec.clusterIPs[0]'], [{ clusterIPs: ['None'] }, 'spec.clusterIPs'], [{ clusterIP: 'None', clusterIPs: ['None', '10.96.0.9'] }, 'spec.clusterIPs']] as const) {
    const answer = await api.post(`${DEFAULT}/services`, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ...spec, ports: [{ port: 80 }] } });
    t.like((answer.body as { readonly details: object }).details, { causes: [{ reason: 'FieldValueInvalid', field }] });
  }
});

test('a binding gives a pod its node and what the binding says of it, in the same generation, but not while it waits at a gate', async (t) => {
  const api = await openApi(t);
  const pod = (name: string, more: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { own: '1' } }, spec: { containers: [container], ...more } });
  const bind = (name: string) => api.post(`${DEFAULT}/pods/${name}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name, labels: { zone: 'z' }, annotations: { by: 'me' } }, target: { kind: 'Node', name: 'n' } });
  await api.post(`${DEFAULT}/pods`, pod('free'));
  await api.post(`${DEFAULT}/pods`, pod('gated', { schedulingGates: [{ name: 'x.io/wait' }] }));
  const refused = await bind('gated');
  t.deepEqual([refused.code, refused.message], [409, 'Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates']);
  t.is((await bind('free')).code, 201);
  const { metadata, spec } = (await api.get(`${DEFAULT}/pods/free`)).body;
  t.like(metadata, { generation: 1, labels: { own: '1', zone: 'z' }, annotations: { by: 'me' } });
  t.is(spec.nodeName, 'n');
});

for (const [name, metadata, target, code, message] of [
  ['another pod of the name', { uid: 'x' }, { name: 'n' }, 409, /Precondition failed: UID in precondition: x, UID in object meta: [\da-f-]+$/],
  ['another state of the pod', { resourceVersion: '1' }, { name: 'n' }, 409, /Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: \d+$/],
  ['another name', { name: 'other' }, { name: 'n' }, 400, /^name in URL does not match name in Binding object$/],
  ['nothing of its kind', {}, { kind: 'Pod' }, 500, /^\[target\.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target\.name: Required value\]$/],
] as const) {
  test(`a binding to ${name} is refused`, async (t) => {
    const api = await openApi(t);
    await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container] } });
    const answer = await api.post(`${DEFAULT}/pods/p/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p', ...metadata }, target });
    t.is(answer.code, code);
    t.regex(answer.message, message);
    t.is((await api.get(`${DEFAULT}/pods/p`)).body.spec.nodeName, undefined);
  });
}

test('an ephemeral container makes a new generation of its pod', async (t) => {
  const api = await openApi(t);
  await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'looked-into' }, spec: { containers: [container] } });
  const added = { spec: { ephemeralContainers: [{ name: 'look', image: 'i' }] } };
  t.is((await api.patch(`${DEFAULT}/pods/looked-into/ephemeralcontainers`, added)).body.metadata.generation, 2);
});

test('ephemeral containers stay as they are, and a pod of the node\'s own gets none', async (t) => {
  const api = await openApi(t);
  const look = { name: 'look', image: 'i' };
  const refused = async (name: string, ephemeralContainers: readonly object[]): Promise<unknown> => ((await api.patch(`${DEFAULT}/pods/${name}/ephemeralcontainers`, { spec: { ephemeralContainers } })).body as { readonly details?: { readonly causes: unknown } }).details?.causes;
  const forbidden = (field: string, why: string): object => ({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` });
  await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [container] } });
  await refused('p', [look]);
  t.deepEqual(await refused('p', []), [forbidden('spec.ephemeralContainers', 'existing ephemeral containers "look" may not be removed\n')]);
  t.deepEqual(await refused('p', [{ ...look, image: 'j' }]), [forbidden('spec.ephemeralContainers', 'existing ephemeral containers "look" may not be changed\n')]);
  t.is(await refused('p', [{ name: 'more', image: 'i' }, look]), undefined);
  await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'static', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { containers: [container], nodeName: 'n' } });
  t.deepEqual(await refused('static', [look]), [forbidden('', 'static pods do not support ephemeral containers')]);
});

test('a pod is told the zone and the region of its node when it is bound', async (t) => {
  const api = await openApi(t);
  const place = { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' };
  await api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { ...place, other: 'o' } } });
  await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bound' }, spec: { containers: [container] } });
  t.is((await api.post(`${DEFAULT}/pods/bound/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound' }, target: { kind: 'Node', name: 'n' } })).code, 201);
  t.deepEqual((await api.get(`${DEFAULT}/pods/bound`)).body.metadata.labels, place);
  const { metadata } = (await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'made' }, spec: { containers: [container], nodeName: 'n' } })).body;
  t.deepEqual(metadata.labels, place);
});
