import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { updateLatest } from './support/operations.ts';
import { isGone } from './support/workloads.ts';

const SIMPLE = '[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition';

behaviour(`${SIMPLE} creating/deleting custom resource definition objects works [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const { crd } = await createCustom(scene);
  const established = await waitFor(async () => {
    const live = await api.get(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name);
    return live.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') && live;
  }, { what: 'the definition to be established' });
  t.deepEqual(established.status?.storedVersions, ['v1']);
  t.is(established.status?.acceptedNames?.kind, crd.spec.names.kind);
  await api.delete(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name);
  await waitFor(async () => (await api.failure(api.get(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name))).reason === 'NotFound', { what: 'the definition to be gone' });
});

behaviour(`${SIMPLE} listing custom resource definition objects works [Conformance]`, async (scene) => {
  const { t, api, unique } = scene;
  const label = unique('e2e-list-test');
  const query = { labelSelector: `e2e-list-test-uuid=${label}` };
  await Promise.all(Array.from({ length: 10 }, () => createCustom(scene, { labels: { 'e2e-list-test-uuid': label } })));
  t.is((await api.list(CUSTOM_RESOURCE_DEFINITIONS, { query })).items.length, 10);
  await api.deleteCollection(CUSTOM_RESOURCE_DEFINITIONS, { query });
  await waitFor(async () => (await api.list(CUSTOM_RESOURCE_DEFINITIONS, { query })).items.length === 0, { what: 'the definitions to be gone' });
});

behaviour(`${SIMPLE} getting/updating/patching custom resource definition status sub-resource works [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const { crd } = await createCustom(scene);
  const name = crd.metadata.name;
  const status = { subresource: 'status' };
  t.is((await api.get(CUSTOM_RESOURCE_DEFINITIONS, name, status)).metadata.uid, crd.metadata.uid);
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test', lastTransitionTime: '2026-01-02T03:04:05Z' };
  const updated = (await updateLatest(scene, CUSTOM_RESOURCE_DEFINITIONS, name, undefined, (live) => {
    const present = (live as typeof crd).status;
    return { status: { ...present, conditions: [...(present?.conditions ?? []), condition] } };
  }, 'status')) as typeof crd;
  t.like(updated.status?.conditions?.at(-1), condition);
  const patched = await api.patch(CUSTOM_RESOURCE_DEFINITIONS, name, 'merge', { status: { conditions: [...(updated.status?.conditions ?? []), { ...condition, type: 'StatusPatched' }] } }, status);
  t.true(patched.status?.conditions?.some((c) => c.type === 'StatusPatched'));
});

behaviour('[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const custom = (await createCustom(scene)).resource();
  const watches = await Promise.all(['name1', 'name2'].map((name) => api.watch(custom, { namespace, query: { fieldSelector: `metadata.name=${name}` } })));
  t.teardown(() => watches.forEach((w) => w.close()));
  for (const [i, name] of ['name1', 'name2'].entries()) {
    await api.create(custom, { metadata: { name }, content: { key: 'value' } }, { namespace });
    t.is((await watches[i]?.next())?.type, 'ADDED');
  }
  for (const [i, name] of ['name1', 'name2'].entries()) {
    await api.patch(custom, name, 'merge', { dummy: 'test' }, { namespace });
    const event = await watches[i]?.next();
    t.is(event?.type, 'MODIFIED');
    t.is((event?.object as (KubeObject & { readonly dummy?: string }) | undefined)?.dummy, 'test');
  }
  for (const [i, name] of ['name1', 'name2'].entries()) {
    await api.delete(custom, name, { namespace });
    t.is((await watches[i]?.next())?.type, 'DELETED');
  }
});

type Defaulted = KubeObject & { readonly a?: string; readonly b?: string };

behaviour('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const plain = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
  const { crd, resource } = await createCustom(scene, { versions: [{ name: 'v1', schema: plain }] });
  const custom = resource();
  await api.create(custom, { metadata: { name: 'foo' } }, { namespace });
  const properties = '/spec/versions/0/schema/openAPIV3Schema/properties';
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name, 'json', [{ op: 'add', path: `${properties}/a/default`, value: 'A' }]);
  const field = async (name: string, key: 'a' | 'b') => ((await api.get(custom, name, { namespace })) as Defaulted)[key];
  await waitFor(async () => (await field('foo', 'a')) === 'A', { what: 'the default of what is stored' });
  const second = (await api.create(custom, { metadata: { name: 'foo2' } }, { namespace })) as Defaulted;
  t.is(second.a, 'A');
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name, 'json', [{ op: 'remove', path: `${properties}/a/default` }, { op: 'add', path: `${properties}/b/default`, value: 'B' }]);
  await waitFor(async () => (await field('foo2', 'b')) === 'B', { what: 'the default of the other field' });
  t.is(await field('foo2', 'a'), 'A');
  t.is(await field('foo', 'a'), undefined);
});

const GC = '[sig-api-machinery] Garbage collector';

/** An owner and what it owns, both of a kind of the user's own. */
async function ownedCustom(scene: Scene) {
  const { api, namespace } = scene;
  const resource = (await createCustom(scene)).resource();
  const owner = await api.create(resource, { metadata: { name: 'owner' } }, { namespace });
  const reference = { uid: owner.metadata.uid ?? '', apiVersion: owner.apiVersion ?? '', kind: owner.kind ?? '', name: 'owner' };
  await api.create(resource, { metadata: { name: 'dependent', ownerReferences: [reference] } }, { namespace });
  return resource;
}

behaviour(`${GC} should support cascading deletion of custom resources`, async (scene) => {
  const resource = await ownedCustom(scene);
  await scene.api.delete(resource, 'owner', { namespace: scene.namespace, options: { propagationPolicy: 'Background' } });
  scene.t.true(await isGone(scene, resource, 'dependent'));
  scene.t.true(await isGone(scene, resource, 'owner'));
});

behaviour(`${GC} should support orphan deletion of custom resources`, async (scene) => {
  const { t, api, namespace } = scene;
  const resource = await ownedCustom(scene);
  await api.delete(resource, 'owner', { namespace, options: { orphanDependents: true } });
  await isGone(scene, resource, 'owner');
  t.deepEqual((await api.get(resource, 'dependent', { namespace })).metadata.ownerReferences ?? [], []);
});

interface Aggregated { readonly items: readonly { readonly metadata: { readonly name?: string }; readonly versions: readonly { readonly version: string; readonly resources: readonly { readonly resource: string }[] }[] }[] }

async function isInDiscovery(scene: Scene, accept: string): Promise<void> {
  const { t, api } = scene;
  const { group, plural } = await createCustom(scene);
  const found = await waitFor(async () => {
    const { items } = await api.document<Aggregated>('/apis', accept);
    return items.find((g) => g.metadata.name === group)?.versions.find((v) => v.version === 'v1');
  }, { what: `${group} in aggregated discovery` });
  t.true(found.resources.some((r) => r.resource === plural));
}

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
behaviour('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs [Conformance]', (scene) => isInDiscovery(scene, `${ACCEPT},application/json`));
behaviour('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs [Conformance]', (scene) => isInDiscovery(scene, ACCEPT));

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        cronSpec: { type: 'string' }, deliveryRegion: { type: 'string' }, foo: { type: 'string' },
        ports: { type: 'array', 'x-kubernetes-list-map-keys': ['containerPort', 'protocol'], 'x-kubernetes-list-type': 'map', items: { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer', format: 'int32' }, hostIP: { type: 'string' }, hostPort: { type: 'integer', format: 'int32' }, name: { type: 'string' }, protocol: { type: 'string' } } } },
      },
    },
    embeddedObj: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true, properties: { metadata: { type: 'object' }, spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
  },
};
const STRICT = { fieldManager: 'field_validation_test', fieldValidation: 'Strict', force: true };

behaviour('[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const custom = (await createCustom(scene)).resource();
  const object = { apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name: 'mytest' }, spec: { unknown: 'uk1', cronSpec: '* * * * */5' } };
  t.like(await api.patch(custom, 'mytest', 'apply', object, { namespace, query: STRICT }), { spec: { unknown: 'uk1' } } as object);
  t.truthy(await api.create(custom, { ...object, metadata: { name: 'mytest2' } }, { namespace, query: { fieldValidation: 'Strict' } }));
});

behaviour('[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const custom = (await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] })).resource();
  const object = { apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name: 'mytest' }, spec: { cronSpec: '* * * * */5', foo: 'foo1', ports: [{ containerPort: 80, protocol: 'TCP' }] } };
  t.like(await api.patch(custom, 'mytest', 'apply', object, { namespace, query: STRICT }), { spec: { foo: 'foo1' } } as object);
  t.like(await api.create(custom, { ...object, metadata: { name: 'mytest2' } }, { namespace, query: { fieldValidation: 'Strict' } }), { spec: { foo: 'foo1' } } as object);
});

behaviour('[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const custom = (await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] })).resource();
  const object = { apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name: 'mytest' }, spec: { extraProperty: 'uk1', cronSpec: '* * * * */5', ports: [{ containerPort: 80, protocol: 'TCP', odd: 1 }] } };
  const applied = await api.failure(api.patch(custom, 'mytest', 'apply', object, { namespace, query: STRICT }));
  t.is(applied.message, `failed to create typed patch object (/mytest; ${custom.group}/v1, Kind=${custom.kind}): errors:\n  .spec.extraProperty: field not declared in schema\n  .spec.ports[containerPort=80,protocol="TCP"].odd: field not declared in schema`);
  t.is(applied.httpCode, 500);
  t.regex((await api.failure(api.create(custom, object, { namespace, query: { fieldValidation: 'Strict' } }))).message, /strict decoding error: unknown field "spec\.extraProperty"/);
});

behaviour('[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields [Conformance]', async ({ t, api, namespace, ...rest }) => {
  const custom = (await createCustom({ t, api, namespace, ...rest }, { versions: [{ name: 'v1', schema: { ...SCHEMA, 'x-kubernetes-preserve-unknown-fields': true, properties: { spec: { ...SCHEMA.properties.spec, 'x-kubernetes-preserve-unknown-fields': true } } } }] })).resource();
  const path = `/apis/${custom.group}/v1/namespaces/${namespace}/${custom.plural}`;
  const refused = async (type: string, method: string, at: string, text: string): Promise<string> => {
    const answer = await api.raw(`${path}${at}fieldValidation=Strict`, { 'content-type': type }, method, Buffer.from(text));
    t.is(answer.status, 400);
    return (JSON.parse(answer.body.toString()) as { readonly message: string }).message;
  };
  const json = `{"apiVersion":"${custom.group}/v1","kind":"${custom.kind}","metadata":{"name":"mytest"},"spec":{"unknown":"uk1","foo":"foo1","foo":"foo2","unknown":"uk2"}}`;
  t.regex(await refused('application/json', 'POST', '?', json), /strict decoding error: duplicate field "spec\.foo", duplicate field "spec\.unknown"$/);
  const yaml = `\napiVersion: ${custom.group}/v1\nkind: ${custom.kind}\nmetadata:\n  name: mytest\nspec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n`;
  t.is(await refused('application/apply-patch+yaml', 'PATCH', '/mytest?fieldManager=m&', yaml), 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 9: key "foo" already set in map');
  t.regex(await refused('application/yaml', 'POST', '?', yaml), /strict decoding error: yaml: unmarshal errors:\n {2}line 9: key "foo" already set in map$/);
});

const DEPLOYMENT = (more: string): string => `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep",${more}"labels":{"app":"nginx"}},"spec":{"unknownField":"foo","unknownField":"bar","replicas":2,"replicas":3,"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"registry.example/nginx"}]}}}}`;

behaviour('[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]', async ({ t, api, namespace }) => {
  const refused = async (type: string, method: string, at: string, body: string): Promise<string> => {
    const answer = await api.raw(`/apis/apps/v1/namespaces/${namespace}/deployments${at}fieldManager=field_validation_mgr&fieldValidation=Strict`, { 'content-type': type }, method, Buffer.from(body));
    return (JSON.parse(answer.body.toString()) as { readonly message: string }).message;
  };
  t.regex(await refused('application/json', 'POST', '?', DEPLOYMENT('')), /strict decoding error: unknown field "spec\.unknownField", duplicate field "spec\.replicas"$/);
  t.is(await refused('application/apply-patch+yaml', 'PATCH', '/my-dep?', DEPLOYMENT('')), `failed to create typed patch object (/my-dep; apps/v1, Kind=Deployment): .spec.unknownField: field not declared in schema`);
});

behaviour('[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]', async ({ t, api, namespace }) => {
  const answer = await api.raw(`/apis/apps/v1/namespaces/${namespace}/deployments?fieldValidation=Strict`, { 'content-type': 'application/json' }, 'POST', Buffer.from(DEPLOYMENT('"unknownMeta":"foo",')));
  t.regex(answer.body.toString(), /strict decoding error: unknown field \\"metadata\.unknownMeta\\", unknown field \\"spec\.unknownField\\"/);
});

behaviour('[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const custom = (await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] })).resource();
  const object = {
    apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name: 'mytest', unknownMeta: 'foo' } as object as KubeObject['metadata'], spec: { foo: 'foo1' },
    embeddedObj: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'my-cm', namespace: 'my-ns', unknownEmbeddedMeta: 'foo' } },
  };
  const failure = await api.failure(api.create(custom, object, { namespace, query: { fieldValidation: 'Strict' } }));
  t.regex(failure.message, /unknown field "metadata\.unknownMeta"/);
  t.regex(failure.message, /unknown field "embeddedObj\.metadata\.unknownEmbeddedMeta"/);
  for (const applied of [{ ...object, embeddedObj: undefined }, { ...object, metadata: { name: 'mytest' } }]) {
    t.regex((await api.failure(api.patch(custom, 'mytest', 'apply', applied, { namespace, query: STRICT }))).message, /unknown(Embedded)?Meta/);
  }
});
