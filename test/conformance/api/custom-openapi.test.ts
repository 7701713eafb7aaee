import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom, type Custom } from './support/custom-resource.ts';

const PUBLISH = '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';
const run = promisify(execFile);

interface Schema { readonly description?: string; readonly type?: string; readonly properties?: Readonly<Record<string, Schema>>; readonly $ref?: string; readonly required?: readonly string[] }
type Definition = Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[]; readonly 'x-kubernetes-preserve-unknown-fields'?: boolean };

const SCHEMA = {
  description: 'Foo CRD for Testing', type: 'object',
  properties: {
    spec: {
      type: 'object', description: 'Specification of Foo',
      properties: { bars: { description: 'List of Bars and their specs.', type: 'array', items: { type: 'object', required: ['name'], properties: { name: { description: 'Name of Bar.', type: 'string' }, age: { description: 'Age of Bar.', type: 'string' } } } } },
    },
    status: { description: 'Status of Foo', type: 'object', properties: { bars: { description: 'List of Bars and their statuses.', type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, available: { type: 'boolean' } } } } } },
  },
};

async function definitions({ api }: Scene): Promise<readonly Definition[]> {
  return Object.values((await api.document<{ readonly definitions: Readonly<Record<string, Definition>> }>('/openapi/v2')).definitions);
}

const isOf = (custom: Custom, version: string) => (definition: Definition): boolean =>
  definition['x-kubernetes-group-version-kind']?.some((k) => k.group === custom.group && k.version === version && k.kind === custom.kind) ?? false;

const published = (scene: Scene, custom: Custom, version = 'v1'): Promise<Definition> =>
  waitFor(async () => (await definitions(scene)).find(isOf(custom, version)), { what: `${custom.kind} ${version} in the OpenAPI document` });

const withdrawn = (scene: Scene, custom: Custom, version: string): Promise<unknown> =>
  waitFor(async () => !(await definitions(scene)).some(isOf(custom, version)), { what: `${custom.kind} ${version} to leave the OpenAPI document` });

async function explains({ t, server }: Scene, custom: Custom, ...patterns: readonly RegExp[]): Promise<void> {
  const { stdout } = await run('kubectl', ['explain', custom.plural], { env: { ...process.env, KUBECONFIG: server.kubeconfig, HOME: server.dataDir } });
  for (const pattern of patterns) t.regex(stdout, pattern);
}

behaviour(`${PUBLISH} works for CRD without validation schema [Conformance]`, async (scene) => {
  const custom = await createCustom(scene);
  const definition = await published(scene, custom);
  scene.t.is(definition.type ?? 'object', 'object');
  scene.t.truthy(await scene.api.create(custom.resource(), { metadata: { name: 'any' }, a: { b: [{ c: 'd' }] } }, { namespace: scene.namespace, query: { fieldValidation: 'Strict' } }));
  await explains(scene, custom, new RegExp(`KIND: +${custom.kind}`));
});

behaviour(`${PUBLISH} works for CRD preserving unknown fields at the schema root [Conformance]`, async (scene) => {
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema: { ...SCHEMA, 'x-kubernetes-preserve-unknown-fields': true } }] });
  const definition = await published(scene, custom);
  // kubectl would take every other field for unknown if one were named.
  scene.t.is(definition.properties, undefined);
  await explains(scene, custom, new RegExp(`KIND: +${custom.kind}`));
});

behaviour(`${PUBLISH} works for CRD preserving unknown fields in an embedded object [Conformance]`, async (scene) => {
  const schema = { description: 'preserve-unknown-properties in nested field for Testing', type: 'object', properties: { spec: { type: 'object', description: 'Specification of Waldo', 'x-kubernetes-preserve-unknown-fields': true, properties: { dummy: { description: 'Dummy property.', type: 'object' } } }, status: { description: 'Status of Waldo', type: 'object', properties: { bars: { description: 'List of Bars', type: 'array', items: { type: 'string' } } } } } };
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema }] });
  const definition = await published(scene, custom);
  scene.t.is((definition.properties?.['spec'] as Definition | undefined)?.['x-kubernetes-preserve-unknown-fields'], true);
  scene.t.like(await scene.api.create(custom.resource(), { metadata: { name: 'embedded' }, spec: { b: [{ c: 'd' }] } }, { namespace: scene.namespace, query: { fieldValidation: 'Strict' } }), { spec: { b: [{ c: 'd' }] } } as object);
  await explains(scene, custom, /preserve-unknown-properties in nested field/, /Specification of Waldo/);
});

behaviour(`${PUBLISH} works for multiple CRDs of different groups [Conformance]`, async (scene) => {
  const [foo, waldo] = [await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] }), await createCustom(scene, { versions: [{ name: 'v1', schema: { ...SCHEMA, description: 'Waldo' } }] })];
  scene.t.is((await published(scene, foo)).description, 'Foo CRD for Testing');
  scene.t.is((await published(scene, waldo)).description, 'Waldo');
});

behaviour(`${PUBLISH} works for multiple CRDs of same group but different versions [Conformance]`, async (scene) => {
  const custom = await createCustom(scene, { versions: [{ name: 'v3', schema: SCHEMA }, { name: 'v2', schema: { ...SCHEMA, description: 'second' } }] });
  scene.t.is((await published(scene, custom, 'v3')).description, 'Foo CRD for Testing');
  scene.t.is((await published(scene, custom, 'v2')).description, 'second');
});

behaviour(`${PUBLISH} works for multiple CRDs of same group and version but different kinds [Conformance]`, async (scene) => {
  const group = `${scene.unique('common')}.example.com`;
  const [foo, waldo] = [await createCustom(scene, { group, versions: [{ name: 'v6', schema: SCHEMA }] }), await createCustom(scene, { group, versions: [{ name: 'v6', schema: { ...SCHEMA, description: 'Waldo' } }] })];
  scene.t.is((await published(scene, foo, 'v6')).description, 'Foo CRD for Testing');
  scene.t.is((await published(scene, waldo, 'v6')).description, 'Waldo');
});

behaviour(`${PUBLISH} updates the published spec when one version gets renamed [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const custom = await createCustom(scene, { versions: [{ name: 'v2', schema: SCHEMA }, { name: 'v3', schema: SCHEMA }] });
  await published(scene, custom, 'v3');
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'json', [{ op: 'test', path: '/spec/versions/1/name', value: 'v3' }, { op: 'replace', path: '/spec/versions/1/name', value: 'v4' }]);
  t.is((await published(scene, custom, 'v4')).description, 'Foo CRD for Testing');
  await withdrawn(scene, custom, 'v3');
  t.is((await published(scene, custom, 'v2')).description, 'Foo CRD for Testing');
});

behaviour(`${PUBLISH} removes definition from spec when one version gets changed to not be served [Conformance]`, async (scene) => {
  const { t, api } = scene;
  const custom = await createCustom(scene, { versions: [{ name: 'v5', schema: SCHEMA }, { name: 'v6alpha1', schema: SCHEMA }] });
  await published(scene, custom, 'v6alpha1');
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'json', [{ op: 'test', path: '/spec/versions/1/name', value: 'v6alpha1' }, { op: 'add', path: '/spec/versions/1/served', value: false }]);
  await withdrawn(scene, custom, 'v6alpha1');
  t.is((await published(scene, custom, 'v5')).description, 'Foo CRD for Testing');
});
