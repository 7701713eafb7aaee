import type { Deployment } from '#api/generated/apps/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { DEPLOYMENTS, PODS, SERVICES } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { updateLatest } from './support/operations.ts';

const APPLY = '[sig-api-machinery] ServerSideApply';
const by = (fieldManager: string, namespace: string, more: Readonly<Record<string, string | boolean>> = {}) => ({ namespace, query: { fieldManager, ...more } });

/** With the comma before a bracket that Kubernetes' own test leaves: a body of apply is YAML. */
const deployment = (name: string, { replicas = '', pod = '', container = '' } = {}): string => `{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "${name}", "labels": {"app": "nginx"}},
  "spec": {${replicas}"selector": {"matchLabels": {"app": "nginx"}},
    "template": {"metadata": {"labels": {"app": "nginx"}}, "spec": {${pod}"containers": [{"name": "nginx", "image": "example.org/nginx:1",${container}}]}}}
}`;
const THREE = '"replicas": 3, ';

behaviour(`${APPLY} should create an applied object if it does not already exist`, async ({ t, api, namespace }) => {
  const cases = [
    [PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'test' }, spec: { containers: [{ name: 'test-container', image: 'test-image' }] } }, '{"f:spec":{"f:containers":{"k:{\\"name\\":\\"test-container\\"}":{".":{},"f:image":{},"f:name":{}}}}}'],
    [SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'test' }, spec: { ports: [{ port: 8080, protocol: 'UDP' }] } }, '{"f:spec":{"f:ports":{"k:{\\"port\\":8080,\\"protocol\\":\\"UDP\\"}":{".":{},"f:port":{},"f:protocol":{}}}}}'],
  ] as const;
  for (const [resource, body, owned] of cases) {
    await api.patch<KubeObject>(resource, 'test', 'apply', body, by('apply_test', namespace));
    await api.get<KubeObject>(resource, 'test', { namespace });
    const { metadata } = await api.patch<KubeObject>(resource, 'test', 'apply', body, by('apply_test_2', namespace));
    const entries = metadata.managedFields?.filter(({ manager }) => manager?.startsWith('apply_test')) ?? [];
    t.deepEqual(entries.map(({ manager, operation, fieldsV1 }) => [manager, operation, JSON.stringify(fieldsV1)]), [['apply_test_2', 'Apply', owned], ['apply_test', 'Apply', owned]], 'who changed nothing has no time, and stands first');
  }
});

behaviour(`${APPLY} should work for subresources`, async ({ t, api, namespace }) => {
  const status = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'test-pod' }, status: { conditions: [{ type: 'MyStatus', status: 'True' }] } };
  await api.patch(PODS, 'test-pod', 'apply', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'test-pod' }, spec: { containers: [{ name: 'nginx', image: 'example.org/nginx:1' }] } }, by('apply_test', namespace));
  const isSet = async (): Promise<boolean> => (await api.get(PODS, 'test-pod', { namespace })).status?.conditions?.some((c) => c.type === 'MyStatus' && c.status === 'True') ?? false;
  await api.patch(PODS, 'test-pod', 'apply', status, by('apply_test2', namespace));
  t.false(await isSet());
  const applied = await api.patch(PODS, 'test-pod', 'apply', status, { ...by('apply_test2', namespace), subresource: 'status' });
  t.true(await isSet());
  t.like(applied.metadata.managedFields?.find(({ manager }) => manager === 'apply_test2'), { operation: 'Apply', subresource: 'status' });
});

behaviour(`${APPLY} should remove a field if it is owned but removed in the apply request`, async ({ t, api, namespace }) => {
  await api.patch(DEPLOYMENTS, 'deployment', 'apply', deployment('deployment', { replicas: THREE, container: '"ports": [{"containerPort": 80, "protocol": "TCP"}]' }), by('apply_test', namespace));
  const ports = async () => (await api.get(DEPLOYMENTS, 'deployment', { namespace })).spec?.template?.spec?.containers[0]?.ports;
  t.is((await ports())?.length, 1);
  await api.patch(DEPLOYMENTS, 'deployment', 'apply', deployment('deployment', { replicas: THREE }), by('apply_test', namespace));
  t.is(await ports(), undefined);
});

behaviour(`${APPLY} should not remove a field if an owner unsets the field but other managers still have ownership of the field`, async ({ t, api, namespace }) => {
  const name = 'deployment-shared-unset';
  for (const owner of ['shared_owner_1', 'shared_owner_2']) await api.patch(DEPLOYMENTS, name, 'apply', deployment(name, { replicas: THREE, pod: '"hostname": "test-hostname", ' }), by(owner, namespace));
  const patched = await api.patch(DEPLOYMENTS, name, 'apply', deployment(name), by('shared_owner_1', namespace));
  t.is(patched.spec?.replicas, 3);
  t.is(patched.spec?.template?.spec?.hostname, 'test-hostname');
  const left = await api.patch(DEPLOYMENTS, name, 'apply', deployment(name), by('shared_owner_2', namespace));
  t.is(left.spec?.replicas, 1, 'nobody owns it any more: the default');
  t.is(left.spec?.template?.spec?.hostname, undefined);
});

behaviour(`${APPLY} should ignore conflict errors if force apply is used`, async ({ t, api, namespace }) => {
  const apply = (more: Readonly<Record<string, boolean>> = {}) => api.patch(DEPLOYMENTS, 'deployment', 'apply', deployment('deployment', { replicas: THREE }), by('apply_test', namespace, more));
  await apply();
  await api.patch(DEPLOYMENTS, 'deployment', 'merge', { spec: { replicas: 5 } }, { namespace });
  const conflict = await api.failure(apply());
  t.is(conflict.reason, 'Conflict');
  t.like(conflict.data.status.details?.causes?.[0], { reason: 'FieldManagerConflict', field: '.spec.replicas' });
  t.is((await apply({ force: true })).spec?.replicas, 3);
});

behaviour(`${APPLY} should give up ownership of a field if forced applied by a controller`, async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'deployment-shared-map-item-removal';
  await api.patch(DEPLOYMENTS, name, 'apply', deployment(name, { replicas: THREE }), by('test_applier', namespace));
  await updateLatest(scene, DEPLOYMENTS, name, namespace, (live) => ({ spec: { ...(live as Deployment).spec, replicas: 4 } }));
  t.is((await api.patch(DEPLOYMENTS, name, 'apply', deployment(name), by('test_applier', namespace))).spec?.replicas, 4);
});

type Noxu = KubeObject & { readonly spec: { readonly replicas?: number; readonly ports?: readonly object[]; readonly atomicList?: readonly string[] } };
const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object', 'x-kubernetes-preserve-unknown-fields': true,
      properties: {
        cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
        ports: {
          type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
          items: { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer', format: 'int32' }, hostIP: { type: 'string' }, hostPort: { type: 'integer', format: 'int32' }, name: { type: 'string' }, protocol: { type: 'string' } } },
        },
        atomicList: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: { type: 'string' } },
      },
    },
  },
};

/** Texts to apply to custom objects, whose managers and versions are the cases. */
async function customApplier({ api, namespace, ...scene }: Scene) {
  const { kind, group, resource } = await createCustom({ api, namespace, ...scene }, { versions: [{ name: 'v1beta1', schema: SCHEMA }, { name: 'v1', schema: SCHEMA }] });
  const text = (body: string, version: string): string => `\napiVersion: ${group}/${version}\nkind: ${kind}\nmetadata:\n  name: mytest\n${body}`;
  const apply = (body: string, { manager = 'apply_test', force = false, version = 'v1beta1' } = {}): Promise<Noxu> =>
    api.patch(resource(version), 'mytest', 'apply', text(body, version), by(manager, namespace, force ? { force } : {})) as Promise<Noxu>;
  const merge = (body: object): Promise<Noxu> => api.patch(resource('v1beta1'), 'mytest', 'merge', body, { namespace }) as Promise<Noxu>;
  return { resource: resource('v1beta1'), apply, merge };
}

const spec = (ports: string, more = ''): string => `spec:\n${more}  ports:\n  - name: "${ports.split(':')[0]}"\n    containerPort: ${ports.split(':')[1]}\n    protocol: TCP`;
const WHOLE = spec('x:80', '  cronSpec: "* * * * */5"\n  replicas: 1\n');
const FINALIZED = `  finalizers:\n  - test-finalizer\n${WHOLE}`;

behaviour(`${APPLY} should work for CRDs`, async (scene) => {
  const { t, api, namespace } = scene;
  const { resource, apply, merge } = await customApplier(scene);
  const shows = (object: Noxu, wanted: { readonly replicas: number; readonly ports: number }) => t.deepEqual({ replicas: object.spec.replicas, ports: object.spec.ports?.length }, wanted);
  const made = await apply(FINALIZED);
  t.deepEqual(made.metadata.finalizers, ['test-finalizer']);
  shows(made, { replicas: 1, ports: 1 });
  shows(await apply(WHOLE, { version: 'v1' }), { replicas: 1, ports: 1 });
  t.teardown(() => merge({ metadata: { finalizers: [] } }));
  t.deepEqual((await merge({ metadata: { finalizers: ['test-finalizer', 'another-one'] } })).metadata.finalizers, ['test-finalizer', 'another-one']);
  t.deepEqual((await apply(FINALIZED)).metadata.finalizers?.toSorted(), ['another-one', 'test-finalizer']);

  t.is((await merge({ spec: { replicas: 5 } })).spec.replicas, 5);
  const conflict = await api.failure(apply(FINALIZED));
  t.is(conflict.reason, 'Conflict');
  t.deepEqual(conflict.data.status.details?.causes?.map(({ field }) => field), ['.spec.replicas']);
  t.is((await apply(FINALIZED, { force: true })).spec.replicas, 1);
  const other = await api.failure(apply(spec('y:80'), { manager: 'apply_test_2' }));
  t.deepEqual(other.data.status.details?.causes?.map(({ field }) => field), ['.spec.ports[containerPort=80,protocol="TCP"].name']);
  shows(await apply(spec('y:8080'), { manager: 'apply_test_2' }), { replicas: 1, ports: 2 });
  t.is((await api.failure(api.update(resource, { ...made, metadata: { name: 'should-not-exist', namespace } }, { namespace, query: { fieldManager: 'apply_test' } }))).reason, 'NotFound');
});

behaviour(`${APPLY} should replace atomic lists of CRDs`, async (scene) => {
  const { t } = scene;
  const { apply } = await customApplier(scene);
  t.deepEqual((await apply('spec:\n  atomicList:\n  - "item1"')).spec.atomicList, ['item1']);
  t.deepEqual((await apply('spec:\n  atomicList:\n  - "item2"', { manager: 'apply_test_2', force: true })).spec.atomicList, ['item2']);
});
