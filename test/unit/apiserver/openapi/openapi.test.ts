import test from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { unpacked } from '#apiserver/http/packed.ts';
import { OpenApi } from '#apiserver/openapi/openapi.ts';

interface Document {
  readonly paths: Record<string, Record<string, { readonly parameters?: readonly { readonly name: string }[]; readonly 'x-kubernetes-group-version-kind'?: object }>>;
  readonly components: { readonly schemas: Record<string, { readonly properties?: Record<string, Record<string, unknown>>; readonly required?: readonly string[]; readonly 'x-kubernetes-group-version-kind'?: readonly object[] }> };
}
interface Index { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> }
const openApi = new OpenApi({ schema: loadSchema(), scheme: new Scheme(BUILT_IN_RESOURCES) });
const get = async (path: string, of = openApi): Promise<string> => (await unpacked(await of.serve(path, 'application/json', {}))).toString();
const document = async (path: string): Promise<Document> => JSON.parse(await get(`/openapi/v3/${path}`)) as Document;
const index = async (of = openApi): Promise<Index['paths']> => (JSON.parse(await get('/openapi/v3', of)) as Index).paths;
const POD_SPEC = 'io.k8s.api.core.v1.PodSpec';

test('the index names every group-version under a hash of its content', async (t) => {
  t.regex((await index())['apis/apps/v1']?.serverRelativeURL ?? '', /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64,128}$/i);
});

test('kinds carry their group-version-kind, on the schema and on each operation', async (t) => {
  const { paths, components } = await document('apis/apps/v1');
  t.deepEqual(components.schemas['io.k8s.api.apps.v1.Deployment']?.['x-kubernetes-group-version-kind'], [{ group: 'apps', version: 'v1', kind: 'Deployment' }]);
  const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
  t.deepEqual(patch?.['x-kubernetes-group-version-kind'], { group: 'apps', version: 'v1', kind: 'Deployment' });
  t.true(patch?.parameters?.some((p) => p.name === 'fieldValidation'));
});

test('lists and references tell how they merge', async (t) => {
  const containers = (await document('api/v1')).components.schemas[POD_SPEC]?.properties?.['containers'];
  t.is(containers?.['x-kubernetes-list-type'], 'map');
  t.deepEqual(containers?.['x-kubernetes-list-map-keys'], ['name']);
  t.is(containers?.['x-kubernetes-patch-merge-key'], 'name');
  t.deepEqual((await document('api/v1')).components.schemas[POD_SPEC]?.required, ['containers']);
  const claim = (await document('api/v1')).components.schemas['io.k8s.api.core.v1.PersistentVolumeSpec']?.properties?.['claimRef'];
  t.is(claim?.['x-kubernetes-map-type'], 'granular');
});

test('our own kinds are described, with their defaults and the values that they may have', async (t) => {
  const { schemas } = (await document('apis/headway.dev/v1')).components as { readonly schemas: Readonly<Record<string, { readonly description?: string; readonly properties?: Readonly<Record<string, object>> }>> };
  const of = (name: string) => Object.entries(schemas).find(([key]) => key.endsWith(`.${name}`))?.[1];
  t.is(of('Application')?.description, 'Folders of a repository whose manifests are kept applied.');
  t.like(of('SyncPolicy')?.properties?.['selfHeal'], { type: 'string', default: 'Heal', enum: ['Heal', 'Off', 'Report'], description: '`Heal` puts back what others changed or deleted; `Report` tells of it in condition Synced; `Off` does not look. Default `Heal`.' });
  // A field without a comment is described by its type; beside a reference nothing may stand in this document.
  t.deepEqual(of('SyncPolicy')?.properties?.['pruneLimit'], { allOf: [{ $ref: '#/components/schemas/dev.headway.api.v1.PruneLimit' }], description: 'A commit that deletes more than either waits until annotation `headway.dev/confirm-prune` names it.' });
  const { definitions } = JSON.parse(await get('/openapi/v2')) as { readonly definitions: Readonly<Record<string, { readonly properties?: Readonly<Record<string, object>> }>> };
  t.like(definitions['dev.headway.api.v1.SyncPolicy']?.properties?.['pruneLimit'], { $ref: '#/definitions/dev.headway.api.v1.PruneLimit' });
});

test('Kubernetes\' kinds and fields have its own descriptions, in both documents', async (t) => {
  interface Described { readonly description?: string; readonly properties?: Readonly<Record<string, { readonly description?: string; readonly items?: object }>> }
  const { definitions } = JSON.parse(await get('/openapi/v2')) as { readonly definitions: Readonly<Record<string, Described>> };
  for (const schemas of [definitions, (await document('api/v1')).components.schemas as Readonly<Record<string, Described>>]) {
    t.is(schemas['io.k8s.api.core.v1.Pod']?.description, 'Pod is a collection of containers that can run on a host. This resource is created by clients and scheduled onto hosts.');
    t.regex(schemas['io.k8s.api.core.v1.Pod']?.properties?.['kind']?.description ?? '', /^Kind is a string value representing the REST resource this object represents\./);
    t.regex(schemas[POD_SPEC]?.properties?.['restartPolicy']?.description ?? '', /Default to Always\. More info: \S+\n\nPossible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`$/);
    t.regex(schemas['io.k8s.api.core.v1.Volume']?.properties?.['emptyDir']?.description ?? '', /^emptyDir represents a temporary directory/, 'of an embedded struct');
    t.regex(schemas['io.k8s.apimachinery.pkg.api.resource.Quantity']?.description ?? '', /^Quantity is a fixed-point representation of a number\./);
  }
});

test('all fields are described but those that are silent in Kubernetes too', async (t) => {
  const { definitions } = JSON.parse(await get('/openapi/v2')) as { readonly definitions: Readonly<Record<string, { readonly description?: string; readonly properties?: Readonly<Record<string, object>> }>> };
  const kubernetes = Object.entries(definitions).filter(([name]) => name.startsWith('io.k8s.'));
  t.deepEqual(kubernetes.filter(([, of]) => of.description === undefined).map(([name]) => name), []);
  const wordless = ['JSONSchemaProps', 'ExternalDocumentation', 'version.Info'];
  const silent = kubernetes.filter(([name]) => !wordless.some((type) => name.endsWith(`.${type}`))).flatMap(([name, { properties = {} }]) => Object.entries(properties).filter(([, of]) => !('description' in of)).map(([field]) => `${name.split('.').at(-1)}.${field}`));
  t.deepEqual(silent.toSorted(), ['CertificateSigningRequest.metadata', 'CertificateSigningRequestList.metadata', 'IngressRule.http', 'WatchEvent.type']);
});

test('the values that items of a list may have stand at the items', async (t) => {
  const modes = (await document('api/v1')).components.schemas['io.k8s.api.core.v1.PersistentVolumeSpec']?.properties?.['accessModes'];
  t.like(modes, { type: 'array', items: { type: 'string', enum: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'] } });
  const statuses = (await document('api/v1')).components.schemas['io.k8s.api.core.v1.PersistentVolumeClaimStatus']?.properties?.['allocatedResourceStatuses'];
  t.like(statuses, { additionalProperties: { enum: ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'] } });
});

test('values that Go declares by conversion are known', async (t) => {
  for (const [path, type, field, values] of [
    ['networking.k8s.io', 'networking.v1.HTTPIngressPath', 'pathType', ['Exact', 'ImplementationSpecific', 'Prefix']],
    ['discovery.k8s.io', 'discovery.v1.EndpointSlice', 'addressType', ['FQDN', 'IPv4', 'IPv6']],
    ['resource.k8s.io', 'resource.v1.ExactDeviceRequest', 'allocationMode', ['All', 'ExactCount']],
  ] as const) {
    t.deepEqual<unknown, unknown>((await document(`apis/${path}/v1`)).components.schemas[`io.k8s.api.${type}`]?.properties?.[field]?.['enum'], values, field);
  }
});

test('unions tell what their members are, and an Event must have metadata', async (t) => {
  const { schemas } = (await document('api/v1')).components as unknown as { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  t.deepEqual(schemas['io.k8s.api.core.v1.SeccompProfile']?.['x-kubernetes-unions'], [{ discriminator: 'type', 'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' } }]);
  t.deepEqual(schemas['io.k8s.api.core.v1.PodSchedulingGroup']?.['x-kubernetes-unions'], [{ 'fields-to-discriminateBy': { podGroupName: 'PodGroupName' } }]);
  t.deepEqual(schemas['io.k8s.api.core.v1.Event']?.['required'], ['metadata', 'involvedObject']);
});

test('every reference of every document has its definition', async (t) => {
  for (const path of Object.keys(await index())) {
    const text = await get(`/openapi/v3/${path}`);
    const defined = new Set(Object.keys((JSON.parse(text) as Document).components.schemas ?? {}));
    const missing = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1] ?? '').filter((name) => !defined.has(name));
    t.deepEqual(missing, [], path);
  }
});

test('a document follows the resources that are served', async (t) => {
  const scheme = new Scheme(BUILT_IN_RESOURCES);
  const changing = new OpenApi({ schema: loadSchema(), scheme });
  const before = (await index(changing))['apis/apps/v1']?.serverRelativeURL;
  const daemonSets = scheme.byKind('apps/v1', 'DaemonSet');
  if (daemonSets) scheme.unregister(daemonSets);
  t.not((await index(changing))['apis/apps/v1']?.serverRelativeURL, before);
});

test('every reference of the document of all kinds has its definition', async (t) => {
  const text = await get('/openapi/v2');
  const { definitions } = JSON.parse(text) as { readonly definitions: Readonly<Record<string, object>> };
  t.deepEqual([...new Set([...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map((m) => m[1] ?? ''))].filter((name) => !(name in definitions)), []);
});

test('subresources, lists of all namespaces and bodies of deletions have their paths and kinds', async (t) => {
  const { paths } = (await document('api/v1')) as unknown as { readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>> };
  t.is(paths['/api/v1/pods']?.['get']?.operationId, 'listCoreV1PodForAllNamespaces');
  t.like(paths['/api/v1/namespaces/{namespace}/pods/{name}/eviction']?.['post'], {
    operationId: 'createCoreV1NamespacedPodEviction', 'x-kubernetes-group-version-kind': { group: 'policy', version: 'v1', kind: 'Eviction' },
    requestBody: { content: { '*/*': { schema: { $ref: '#/components/schemas/io.k8s.api.policy.v1.Eviction' } } } },
  });
  t.is(paths['/api/v1/namespaces/{namespace}/pods/{name}/exec']?.['get']?.operationId, 'connectCoreV1GetNamespacedPodExec');
  t.like(paths['/api/v1/namespaces/{namespace}/pods/{name}']?.['delete'], { requestBody: { content: { '*/*': { schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions' } } } } });
  t.is(paths['/api/v1/namespaces/{namespace}/pods']?.['delete']?.operationId, 'deleteCoreV1CollectionNamespacedPod');
});

test('no two operations have one name', async (t) => {
  const { paths } = JSON.parse(await get('/openapi/v2')) as { readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>> };
  const names = Object.values(paths).flatMap((item) => Object.values(item)).flatMap(({ operationId }) => operationId ?? []);
  t.true(names.length > 800);
  t.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
});

test('a deletion answers what its kind shows once more, or a Status; its options are of every group version; tokens let in', async (t) => {
  interface Answer { readonly responses: Readonly<Record<string, { readonly schema?: { readonly $ref: string } }>> }
  interface Whole {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
    readonly definitions: Readonly<Record<string, object>>;
    readonly securityDefinitions: object;
    readonly security: unknown;
  }
  const { paths, definitions, securityDefinitions, security } = JSON.parse(await get('/openapi/v2')) as Whole;
  const deletion = (path: string): string | undefined => paths[path]?.['delete']?.responses['200']?.schema?.$ref.split('.').at(-1);
  t.is(deletion('/apis/storage.k8s.io/v1/storageclasses/{name}'), 'StorageClass');
  t.is(deletion('/apis/apps/v1/namespaces/{namespace}/deployments/{name}'), 'Status');
  t.is(deletion('/api/v1/namespaces/{name}'), 'Status', 'as Kubernetes has it, although the namespace is answered');
  const kinds = (definitions['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'] as { readonly 'x-kubernetes-group-version-kind': readonly object[] })['x-kubernetes-group-version-kind'];
  t.true((definitions['io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent'] as { readonly 'x-kubernetes-group-version-kind': readonly object[] })['x-kubernetes-group-version-kind'].length >= kinds.length);
  for (const [group, version] of [['', 'v1'], ['apps', 'v1'], ['autoscaling', 'v2']]) t.deepEqual(kinds.filter((k) => 'group' in k && k.group === group && 'version' in k && k.version === version), [{ group, version, kind: 'DeleteOptions' }]);
  t.true(kinds.some((k) => 'group' in k && k.group === 'admission.k8s.io'), 'what is read but not served');
  t.like(securityDefinitions, { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } });
  t.deepEqual(security, [{ BearerToken: [] }]);
});

test('the document of a group version tells of options of its own and of the core group', async (t) => {
  for (const [path, versions] of [['api/v1', [{ group: '', version: 'v1' }]], ['apis/apps/v1', [{ group: '', version: 'v1' }, { group: 'apps', version: 'v1' }]]] as const) {
    const { schemas } = (await document(path)).components;
    for (const kind of ['DeleteOptions', 'WatchEvent']) t.deepEqual<unknown, unknown>(schemas[`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`]?.['x-kubernetes-group-version-kind'], versions.map((version) => ({ ...version, kind })), path);
  }
});

test('what Go always has when nobody says it is a default in the newer document, and the older one has none', async (t) => {
  const { schemas } = (await document('api/v1')).components;
  const of = (name: string) => schemas[`io.k8s.api.${name}`]?.properties ?? {};
  const container = of('core.v1.Container');
  t.like(container['name'], { type: 'string', default: '' });
  t.false('default' in (container['image'] ?? {}));
  t.like(container['resources'], { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ResourceRequirements' }], default: {} });
  t.like(container['args'], { items: { type: 'string', default: '' } });
  t.like(container['ports'], { items: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ContainerPort' }], default: {} } });
  t.like(of('core.v1.ContainerPort'), { containerPort: { default: 0 }, protocol: { default: 'TCP' } });
  t.deepEqual(of('core.v1.ResourceRequirements')['limits']?.['additionalProperties'], { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' });
  t.like(of('core.v1.ConfigMap')['data'], { additionalProperties: { type: 'string', default: '' } });
  t.false('default' in (of('core.v1.PodStatus')['startTime'] ?? {}));
  const { definitions } = JSON.parse(await get('/openapi/v2')) as { readonly definitions: Readonly<Record<string, { readonly properties?: Readonly<Record<string, object>> }>> };
  t.false('default' in (definitions['io.k8s.api.core.v1.ContainerPort']?.properties?.['protocol'] ?? {}));
});

test('the old paths of watches are there for all but custom resources', async (t) => {
  const { paths } = (await document('api/v1')) as unknown as { readonly paths: Readonly<Record<string, { readonly get?: object; readonly parameters: readonly { readonly name: string; readonly in: string }[] }>> };
  const parameters = (path: string, place: string): readonly string[] | undefined => paths[path]?.parameters.filter((p) => p.in === place).map(({ name }) => name);
  for (const [path, operationId, action, inPath] of [
    ['/api/v1/watch/pods', 'watchCoreV1PodListForAllNamespaces', 'watchlist', []],
    ['/api/v1/watch/namespaces/{namespace}/pods', 'watchCoreV1NamespacedPodList', 'watchlist', ['namespace']],
    ['/api/v1/watch/namespaces/{namespace}/pods/{name}', 'watchCoreV1NamespacedPod', 'watch', ['name', 'namespace']],
    ['/api/v1/watch/nodes', 'watchCoreV1NodeList', 'watchlist', []],
    ['/api/v1/watch/nodes/{name}', 'watchCoreV1Node', 'watch', ['name']],
  ] as const) {
    t.like(paths[path]?.get, { operationId, 'x-kubernetes-action': action, responses: { 200: { content: { 'application/json;stream=watch': { schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent' } } } } } }, path);
    t.deepEqual<unknown, unknown>(parameters(path, 'path'), inPath);
    t.deepEqual(parameters(path, 'query')?.slice(0, 3), ['allowWatchBookmarks', 'continue', 'fieldSelector']);
  }
  t.false('/api/v1/watch/componentstatuses' in paths);
  const v2 = JSON.parse(await get('/openapi/v2')) as { readonly paths: object };
  t.true('/apis/apps/v1/watch/deployments' in v2.paths);
});

// Kubernetes' own types of OpenAPI leave out what is empty, and its tests compare a document with what they make of it.
test('nothing in a document is empty, and every path of objects may be asked for in a form for people', async (t) => {
  const empty: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Object.keys(value).length === 0) empty.push(path);
    for (const [key, member] of Object.entries(value)) if (key !== 'default') visit(member, `${path}/${key}`);
  };
  for (const name of Object.keys(await index())) visit(await document(name), name);
  t.deepEqual(empty, []);
  const { paths } = (await document('apis/apps/v1')) as unknown as { readonly paths: Readonly<Record<string, { readonly parameters?: readonly { readonly name: string }[] }>> };
  for (const [path, { parameters = [] }] of Object.entries(paths)) if (path !== '/apis/apps/v1/') t.true(parameters.some(({ name }) => name === 'pretty'), path);
});
