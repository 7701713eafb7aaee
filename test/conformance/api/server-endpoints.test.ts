import { createHash } from 'node:crypto';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { isDiscovered } from './support/operations.ts';

const REQUIRED = [
  'ping', 'log', 'etcd', 'autoregister-completion',
  ...[
    'start-kube-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'bootstrap-controller',
    'start-system-namespaces-controller', 'scheduling/bootstrap-system-priority-classes', 'start-cluster-authentication-info-controller', 'start-kube-aggregator-informers', 'apiservice-registration-controller',
    'apiservice-status-local-available-controller', 'apiservice-status-remote-available-controller', 'kube-apiserver-autoregistration', 'apiservice-openapi-controller',
  ].map((name) => `poststarthook/${name}`),
];

behaviour('[sig-api-machinery] health handlers should contain necessary checks', async ({ t, api }) => {
  for (const [path, more] of [['/healthz', []], ['/livez', []], ['/readyz', ['informer-sync']]] as const) {
    const answer = await waitFor(async () => {
      const asked = await api.raw(`${path}?verbose=1`);
      return asked.status === 200 && asked;
    }, { what: `${path} to pass` });
    const lines = new Set(answer.body.toString().split('\n'));
    t.deepEqual([...REQUIRED, ...more].filter((check) => !lines.has(`[+]${check} ok`)), [], path);
  }
});

const TIMEOUT = '[sig-api-machinery] Server request timeout';

behaviour(`${TIMEOUT} should return HTTP status code 400 if the user specifies an invalid timeout in the request URL`, async ({ t, api }) => {
  const answer = await api.raw('/version?timeout=invalid');
  t.is(answer.status, 400);
  t.regex(answer.body.toString(), /invalid timeout specified in the request URL/);
});

for (const [title, timeout] of [
  ['the request should be served with a default timeout if the specified timeout in the request URL exceeds maximum allowed', '3m'],
  ['default timeout should be used if the specified timeout in the request URL is 0s', '0s'],
] as const) {
  behaviour(`${TIMEOUT} ${title}`, async ({ t, api }) => {
    t.is((await api.raw(`/version?timeout=${timeout}`)).status, 200);
  });
}

interface Resources { readonly resources: readonly { readonly name: string; readonly kind: string; readonly storageVersionHash?: string }[] }

behaviour('[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]', (scene) =>
  isDiscovered(scene, CUSTOM_RESOURCE_DEFINITIONS, ['status']));

behaviour('[sig-api-machinery] Discovery Custom resource should have storage version hash', async (scene) => {
  const { t, api } = scene;
  const { group, plural, kind } = await createCustom(scene, { versions: [{ name: 'v1' }] });
  const { resources } = await api.document<Resources>(`/apis/${group}/v1`);
  const hash = createHash('sha256').update(`${group}/v1/${kind}`).digest().subarray(0, 8).toString('base64');
  t.is(resources.find(({ name }) => name === plural)?.storageVersionHash, hash);
});

behaviour('[sig-api-machinery] Discovery should accurately determine present and missing resources', async ({ t, api }) => {
  const has = async (groupVersion: string, resource: string): Promise<boolean> => {
    const answer = await api.raw(groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`);
    if (answer.status === 404) return false;
    return (JSON.parse(answer.body.toString()) as Resources).resources.some(({ name }) => name === resource);
  };
  for (const [groupVersion, resource] of [['apps/v1', 'deployments'], ['v1', 'pods'], ['batch/v1', 'jobs']] as const) t.true(await has(groupVersion, resource), resource);
  for (const [groupVersion, resource] of [['fake/v1', 'deployments'], ['apps/v1', 'fakes'], ['v1', 'deployments'], ['apps/v1beta1', 'deployments']] as const) t.false(await has(groupVersion, resource), `${groupVersion} ${resource}`);
});

const JSON_V3 = 'application/json';
const PROTOBUF_V3 = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
interface Paths { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> }
interface OpenApi { readonly openapi: string; readonly paths: Readonly<Record<string, object>>; readonly components: { readonly schemas: Readonly<Record<string, object>> } }

const rootOf = async ({ api }: Scene): Promise<Paths['paths']> => (await api.document<Paths>('/openapi/v3')).paths;

/** Every reference in a document leads to one of its own schemas. */
function unresolved({ components: { schemas }, ...document }: OpenApi): readonly string[] {
  const names = [...JSON.stringify({ ...document, schemas }).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !Object.hasOwn(schemas, name));
}

behaviour('[sig-api-machinery] OpenAPIV3 should round trip OpenAPI V3 for all built-in group versions', async (scene) => {
  const { t, api } = scene;
  const paths = await rootOf(scene);
  const groups = Object.keys(paths).filter((path) => /^apis?\/.*v\d+$/.test(path) && (!path.includes('.') || path.includes('k8s.io')));
  t.true(groups.length > 18);
  for (const path of groups) {
    const url = paths[path]?.serverRelativeURL ?? '';
    const document = await api.document<OpenApi>(url, JSON_V3);
    t.is(document.openapi, '3.0.0');
    t.true(Object.keys(document.paths).length > 0, path);
    t.deepEqual(unresolved(document), [], path);
    const protobuf = await api.raw(url, { accept: PROTOBUF_V3 });
    t.is(protobuf.headers['content-type'], 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
    for (const name of Object.keys(document.components.schemas)) t.true(protobuf.body.includes(name), `${name} in the protobuf form of ${path}`);
  }
});

behaviour('[sig-api-machinery] OpenAPIV3 should publish OpenAPI V3 for CustomResourceDefinition', async (scene) => {
  const { t, api } = scene;
  const { group, crd, kind } = await createCustom(scene, { versions: [{ name: 'v1beta1' }] });
  const path = `apis/${group}/v1beta1`;
  const url = await waitFor(async () => (await rootOf(scene))[path]?.serverRelativeURL, { what: `${path} to be published` });
  const document = await api.document<OpenApi>(url, JSON_V3);
  t.deepEqual(unresolved(document), []);
  t.true(Object.keys(document.components.schemas).some((name) => name.endsWith(`.v1beta1.${kind}`)));
  await api.delete(CUSTOM_RESOURCE_DEFINITIONS, crd.metadata.name);
  await waitFor(async () => !Object.hasOwn(await rootOf(scene), path), { what: `${path} to be withdrawn` });
});
