import { DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, RESOURCE_QUOTAS, SECRETS, SERVICES } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { updateLatest } from './support/operations.ts';

const template = (labels: Readonly<Record<string, string>>) => ({ metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.org/none:1' }] } });
const deployment = (name: string, replicas: number): Sent => ({ metadata: { name }, spec: { replicas, selector: { matchLabels: { app: name } }, template: template({ app: name }) } });
/** Only this test's namespace. */
const constraints = (namespace: string) => ({
  resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
});

/** Creates a policy and its binding, and takes them away after the test. */
async function inForce({ t, api, unique }: Scene, kind: 'ValidatingAdmissionPolicy' | 'MutatingAdmissionPolicy', spec: object, binding: object = {}): Promise<void> {
  const name = unique('policy');
  for (const [of, object] of [[kind, { metadata: { name }, spec }], [`${kind}Binding`, { metadata: { name }, spec: { policyName: name, ...binding } }]] as const) {
    await api.create(builtIn(of), object);
    t.teardown(() => api.delete(builtIn(of), name));
  }
}

behaviour('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await inForce(scene, 'ValidatingAdmissionPolicy', {
    failurePolicy: 'Fail', matchConstraints: constraints(namespace),
    variables: [{ name: 'replicas', expression: 'object.spec.replicas' }, { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' }],
    validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
  }, { validationActions: ['Deny'] });
  const refused = async (name: string, replicas: number) => {
    const result = await api.create(DEPLOYMENTS, deployment(name, replicas), { namespace, query: { dryRun: 'All' } }).then(() => '', (error: Error) => error.message);
    return result;
  };
  await waitFor(async () => (await refused('marker', 1)) !== '', { what: 'the policy to be in force' });
  t.regex(await refused('replicated-1', 1), /failed expression: variables\.replicas > 1/);
  t.regex(await refused('replicated-4', 4), /failed expression: variables\.oddReplicas/);
  t.is(await refused('replicated-3', 3), '');
  t.truthy(await api.create(DEPLOYMENTS, deployment('replicated-3', 3), { namespace }));
});

const MUTATING = '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin]';

async function mutated({ api, namespace }: Scene, isDone: (made: KubeObject & { readonly spec?: { readonly replicas?: number | undefined } }) => boolean): Promise<KubeObject & { readonly spec?: { readonly replicas?: number | undefined } }> {
  await waitFor(async () => isDone(await api.create(DEPLOYMENTS, deployment('marker', 1), { namespace, query: { dryRun: 'All' } })), { what: 'the policy to be in force' });
  return api.create(DEPLOYMENTS, deployment('mutated', 1), { namespace });
}

behaviour(`${MUTATING} should mutate a Deployment [Conformance]`, async (scene) => {
  await inForce(scene, 'MutatingAdmissionPolicy', {
    failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints: constraints(scene.namespace),
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{ spec: Object.spec{ replicas: object.spec.replicas + 100 } }' } }],
  });
  scene.t.is((await mutated(scene, (made) => made.spec?.replicas === 101)).spec?.replicas, 101);
});

behaviour(`${MUTATING} should mutate a Deployment with annotations [Conformance]`, async (scene) => {
  await inForce(scene, 'MutatingAdmissionPolicy', {
    failurePolicy: 'Fail', reinvocationPolicy: 'Never', matchConstraints: constraints(scene.namespace),
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"my-foo-annotation": "myAnnotationValue"}}]' } }],
  });
  const made = await mutated(scene, ({ metadata }) => metadata.annotations?.['my-foo-annotation'] !== undefined);
  scene.t.is(made.metadata.annotations?.['my-foo-annotation'], 'myAnnotationValue');
});

const QUOTA = '[sig-api-machinery] ResourceQuota';
const HARD = { pods: '5', services: '10', 'services.nodeports': '1', 'services.loadbalancers': '1', secrets: '10', 'count/replicasets.apps': '5', replicationcontrollers: '10', resourcequotas: '10' };

const quotaIs = ({ api, namespace }: Scene, used: Readonly<Record<string, string>>, name = 'test-quota') =>
  waitFor(async () => {
    const { status } = await api.get(RESOURCE_QUOTAS, name, { namespace });
    return Object.entries(used).every(([key, value]) => status?.used?.[key] === value) && status;
  }, { what: `the quota to have used ${JSON.stringify(used)}` });

async function withQuota(scene: Scene): Promise<void> {
  await scene.api.create(RESOURCE_QUOTAS, { metadata: { name: 'test-quota' }, spec: { hard: HARD } }, { namespace: scene.namespace });
  const { hard } = await quotaIs(scene, { resourcequotas: '1', services: '0' });
  scene.t.deepEqual(hard, HARD);
}

behaviour(`${QUOTA} should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]`, async (scene) => {
  await withQuota(scene);
  scene.t.like((await quotaIs(scene, { pods: '0', resourcequotas: '1' })).hard, { pods: '5' });
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a service. [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const service = (name: string, spec: object = {}) => api.create(SERVICES, { metadata: { name }, spec: { ports: [{ port: 80, targetPort: 80 }], ...spec } }, { namespace });
  await withQuota(scene);
  await service('cluster-ip');
  await service('node-port', { type: 'NodePort' });
  t.is((await api.failure(service('load-balancer', { type: 'LoadBalancer' }))).reason, 'Forbidden');
  await quotaIs(scene, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  for (const name of ['cluster-ip', 'node-port']) await api.delete(SERVICES, name, { namespace });
  await quotaIs(scene, { services: '0', 'services.nodeports': '0' });
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a secret. [Conformance]`, async (scene) => {
  const { api, namespace } = scene;
  await withQuota(scene);
  const { used } = await quotaIs(scene, {});
  const before = Number(used?.['secrets']);
  await api.create(SECRETS, { metadata: { name: 'test-secret' }, data: { 'data-1': 'dmFsdWUtMQo=' } }, { namespace });
  await quotaIs(scene, { secrets: String(before + 1) });
  await api.delete(SECRETS, 'test-secret', { namespace });
  await quotaIs(scene, { secrets: String(before) });
  scene.t.pass();
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a replica set. [Conformance]`, async (scene) => {
  const { api, namespace } = scene;
  await withQuota(scene);
  await api.create(REPLICA_SETS, { metadata: { name: 'test-rs' }, spec: { replicas: 0, selector: { matchLabels: { name: 'test-rs' } }, template: template({ name: 'test-rs' }) } }, { namespace });
  await quotaIs(scene, { 'count/replicasets.apps': '1' });
  await api.delete(REPLICA_SETS, 'test-rs', { namespace });
  await quotaIs(scene, { 'count/replicasets.apps': '0' });
  scene.t.pass();
});

behaviour(`${QUOTA} should create a ResourceQuota and capture the life of a replication controller. [Conformance]`, async (scene) => {
  const { api, namespace } = scene;
  await withQuota(scene);
  await api.create(REPLICATION_CONTROLLERS, { metadata: { name: 'test-rc' }, spec: { replicas: 0, selector: { name: 'test-rc' }, template: template({ name: 'test-rc' }) } }, { namespace });
  await quotaIs(scene, { replicationcontrollers: '1' });
  await api.delete(REPLICATION_CONTROLLERS, 'test-rc', { namespace });
  await quotaIs(scene, { replicationcontrollers: '0' });
  scene.t.pass();
});

behaviour(`${QUOTA} should manage the lifecycle of a ResourceQuota [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const hard = async () => (await api.get(RESOURCE_QUOTAS, 'lifecycle', { namespace })).spec?.hard;
  await api.create(RESOURCE_QUOTAS, { metadata: { name: 'lifecycle' }, spec: { hard: { cpu: '500m', memory: '100Mi' } } }, { namespace });
  t.deepEqual(await hard(), { cpu: '500m', memory: '100Mi' });
  await updateLatest(scene, RESOURCE_QUOTAS, 'lifecycle', namespace, () => ({ spec: { hard: { cpu: '1', memory: '500Mi' } } }));
  t.deepEqual(await hard(), { cpu: '1', memory: '500Mi' });
  await api.patch(RESOURCE_QUOTAS, 'lifecycle', 'strategic', { metadata: { labels: { 'e2e-rq': 'patched' } }, spec: { hard: { memory: '750Mi' } } }, { namespace });
  t.deepEqual(await hard(), { cpu: '1', memory: '750Mi' });
  await api.deleteCollection(RESOURCE_QUOTAS, { namespace, query: { labelSelector: 'e2e-rq=patched' } });
  await waitFor(async () => (await api.failure(api.get(RESOURCE_QUOTAS, 'lifecycle', { namespace }))).reason === 'NotFound', { what: 'the quota to be gone' });
});

behaviour(`${QUOTA} should apply changes to a resourcequota status [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const status = { namespace, subresource: 'status' };
  const hard = { cpu: '500m', memory: '500Mi' };
  await api.create(RESOURCE_QUOTAS, { metadata: { name: 'e2e-rq' }, spec: { hard } }, { namespace });
  await waitFor(async () => (await api.get(RESOURCE_QUOTAS, 'e2e-rq', status)).status?.hard?.['cpu'] === '500m', { what: 'the status to be calculated' });
  const watch = await api.watch(RESOURCE_QUOTAS, { namespace, query: { fieldSelector: 'metadata.name=e2e-rq' } });
  t.teardown(() => watch.close());
  await updateLatest(scene, RESOURCE_QUOTAS, 'e2e-rq', namespace, (live) => ({ status: { ...(live as { readonly status?: object }).status, hard: { cpu: '1', memory: '1Gi' } } }), 'status');
  await watch.next((e) => e.object.status?.hard?.['memory'] === '1Gi', 'the updated status');
  // The controller puts the status right.
  await watch.next((e) => e.object.status?.hard?.['memory'] === '500Mi', 'the status to be put right');
  await api.patch(RESOURCE_QUOTAS, 'e2e-rq', 'merge', { status: { hard: { cpu: '2', memory: '2Gi' } } }, status);
  await watch.next((e) => e.object.status?.hard?.['memory'] === '2Gi', 'the patched status');
  await watch.next((e) => e.object.status?.hard?.['memory'] === '500Mi', 'the status to be put right again');
  t.pass();
});
