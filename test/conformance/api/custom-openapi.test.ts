import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { packagedClient, packagedClientsMissing } from '#test/support/client-binaries.ts';
import { exec } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom, type Custom } from './support/custom-resource.ts';

const PUBLISH = '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';

interface Schema { readonly description?: string; readonly type?: string; readonly properties?: Readonly<Record<string, Schema>> }
type Definition = Schema & { readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[]; readonly 'x-kubernetes-preserve-unknown-fields'?: boolean };

const SCHEMA = {
  description: 'Foo CRD for Testing', type: 'object',
  properties: {
    spec: {
      type: 'object', description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.', type: 'array',
          items: {
            type: 'object', required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' }, age: { description: 'Age of Bar.', type: 'string' },
              feeling: { description: 'Whether Bar is feeling great.', type: 'string', enum: ['Great', 'Down'] }, bazs: { description: 'List of Bazs.', type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    },
    status: { description: 'Status of Foo', type: 'object', properties: { bars: { description: 'List of Bars and their statuses.', type: 'array', items: { type: 'object', properties: { name: { description: 'Name of Bar.', type: 'string' }, available: { description: 'Whether the Bar is installed.', type: 'boolean' }, quxType: { description: 'Indicates to external qux type.', pattern: 'in-tree|out-of-tree', type: 'string' } } } } } },
  },
};
const WALDO = { ...SCHEMA, description: 'Waldo CRD for Testing' };

interface Document { readonly definitions: Readonly<Record<string, Definition>> }
const definitions = async ({ api }: Scene): Promise<readonly Definition[]> => Object.values((await api.document<Document>('/openapi/v2')).definitions);

const isOf = (custom: Custom, version: string) => (definition: Definition): boolean =>
  definition['x-kubernetes-group-version-kind']?.some((k) => k.group === custom.group && k.version === version && k.kind === custom.kind) ?? false;

const published = (scene: Scene, custom: Custom, version = 'v1'): Promise<Definition> =>
  waitFor(async () => (await definitions(scene)).find(isOf(custom, version)), { what: `${custom.kind} ${version} in the OpenAPI document` });

const withdrawn = (scene: Scene, custom: Custom, version: string): Promise<unknown> =>
  waitFor(async () => !(await definitions(scene)).some(isOf(custom, version)), { what: `${custom.kind} ${version} to leave the OpenAPI document` });

/** What is published is the schema of the definition, with what every object has. */
async function publishes(scene: Scene, custom: Custom, version: string, schema: object): Promise<void> {
  const { t } = scene;
  const { properties: { apiVersion, kind, metadata, ...properties } = {}, 'x-kubernetes-group-version-kind': _, ...rest } = await published(scene, custom, version);
  t.deepEqual({ ...rest, properties }, schema as never);
  t.deepEqual([apiVersion?.type, kind?.type], ['string', 'string']);
  t.truthy(metadata);
  const name = [...custom.group.split('.').toReversed(), version, custom.kind].join('.');
  t.true(Object.hasOwn((await scene.api.document<Document>('/openapi/v2')).definitions, name), name);
}

/** Of each kubectl at hand: what it prints, or what it fails with. */
function kubectls({ server, namespace }: Scene) {
  const programs = ['kubectl', ...(packagedClientsMissing === undefined ? [packagedClient('kubectl')] : [])];
  return programs.map((program) => async (args: readonly string[], input?: object): Promise<string> => {
    const { code, stdout, stderr } = await exec(program, ['--namespace', namespace, ...args], { env: { KUBECONFIG: server.kubeconfig, HOME: server.dataDir }, timeoutMs: 50_000, stdin: input && JSON.stringify(input) });
    return code === 0 ? stdout : `${stdout}${stderr}`;
  });
}
type Kubectl = ReturnType<typeof kubectls>[number];

async function explains(scene: Scene, { plural }: Custom, ...patterns: readonly RegExp[]): Promise<void> {
  for (const kubectl of kubectls(scene)) {
    const text = await kubectl(['explain', plural]);
    for (const pattern of patterns) scene.t.regex(text, pattern);
  }
}

/** Makes an object by create and by apply, each of which says what it answers. */
async function makes({ t }: Scene, custom: Custom, kubectl: Kubectl, body: object, answer?: RegExp): Promise<void> {
  for (const command of ['create', 'apply']) {
    const said = await kubectl([command, '-f', '-'], { apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name: 'test-cr' }, ...body });
    t.regex(said, answer ?? /test-cr created/);
    if (answer === undefined) t.regex(await kubectl(['delete', custom.plural, 'test-cr']), /test-cr" deleted/);
  }
}
const RANDOM = { a: { b: [{ c: 'd' }] } };

behaviour(`${PUBLISH} works for CRD with validation schema [Conformance]`, async (scene) => {
  const { t } = scene;
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] });
  await publishes(scene, custom, 'v1', SCHEMA);
  for (const kubectl of kubectls(scene)) {
    await makes(scene, custom, kubectl, { spec: { bars: [{ name: 'test-bar' }] } });
    await makes(scene, custom, kubectl, { spec: { bars: [{ name: 'test-bar', feeling: 'NonExistentValue' }] } }, /Unsupported value: "NonExistentValue"/);
    await makes(scene, custom, kubectl, { spec: { foo: true } }, /unknown field "spec\.foo"/);
    await makes(scene, custom, kubectl, { spec: { bars: [{ age: '10' }] } }, /spec\.bars\[0\]\.name: Required value/);
    const explain = (path: string): Promise<string> => kubectl(['explain', `${custom.plural}${path}`]);
    t.regex(await explain(''), /DESCRIPTION:.*Foo CRD for Testing.*FIELDS:.*apiVersion.*<string>.*APIVersion defines.*spec.*<Object>.*Specification of Foo/s);
    t.regex(await explain('.metadata'), /DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp.*<string>.*CreationTimestamp is a timestamp/s);
    t.regex(await explain('.spec'), /DESCRIPTION:.*Specification of Foo.*FIELDS:.*bars.*<\[\]Object>.*List of Bars and their specs/s);
    t.regex(await explain('.spec.bars'), /(FIELD|RESOURCE):.*bars.*<\[\]Object>.*DESCRIPTION:.*List of Bars and their specs.*FIELDS:.*bazs.*<\[\]string>.*List of Bazs.*name.*<string>.*Name of Bar/s);
    t.regex(await explain('.spec.bars2'), /field "bars2" does not exist/);
  }
});

behaviour(`${PUBLISH} works for CRD without validation schema [Conformance]`, async (scene) => {
  const custom = await createCustom(scene);
  const definition = await published(scene, custom);
  scene.t.is(definition.type ?? 'object', 'object');
  for (const kubectl of kubectls(scene)) await makes(scene, custom, kubectl, RANDOM);
  await explains(scene, custom, new RegExp(`KIND: +${custom.kind}`), /DESCRIPTION:.*<empty>/s);
});

behaviour(`${PUBLISH} works for CRD preserving unknown fields at the schema root [Conformance]`, async (scene) => {
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema: { ...SCHEMA, 'x-kubernetes-preserve-unknown-fields': true } }] });
  const definition = await published(scene, custom);
  // kubectl would take every other field for unknown if one were named.
  scene.t.is(definition.properties, undefined);
  for (const kubectl of kubectls(scene)) await makes(scene, custom, kubectl, RANDOM);
  await explains(scene, custom, new RegExp(`KIND: +${custom.kind}`));
});

behaviour(`${PUBLISH} works for CRD preserving unknown fields in an embedded object [Conformance]`, async (scene) => {
  const schema = { description: 'preserve-unknown-properties in nested field for Testing', type: 'object', properties: { spec: { type: 'object', description: 'Specification of Waldo', 'x-kubernetes-preserve-unknown-fields': true, properties: { dummy: { description: 'Dummy property.', type: 'object' } } }, status: { description: 'Status of Waldo', type: 'object', properties: { bars: { description: 'List of Bars', type: 'array', items: { type: 'string' } } } } } };
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema }] });
  const definition = await published(scene, custom);
  scene.t.is((definition.properties?.['spec'] as Definition | undefined)?.['x-kubernetes-preserve-unknown-fields'], true);
for (const kubectl of kubectls(scene)) await makes(scene, custom, kubectl, { spec: { a: null, b: [{ c: 'd' }] } });
  await explains(scene, custom, /preserve-unknown-properties in nested field/, /Specification of Waldo/);
});

behaviour(`${PUBLISH} works for multiple CRDs of different groups [Conformance]`, async (scene) => {
  const [foo, waldo] = [await createCustom(scene, { versions: [{ name: 'v1', schema: SCHEMA }] }), await createCustom(scene, { versions: [{ name: 'v1beta1', schema: WALDO }] })];
  await publishes(scene, waldo, 'v1beta1', WALDO);
  await publishes(scene, foo, 'v1', SCHEMA);
});

behaviour(`${PUBLISH} works for multiple CRDs of same group but different versions [Conformance]`, async (scene) => {
  const custom = await createCustom(scene, { versions: [{ name: 'v3', schema: SCHEMA }, { name: 'v2', schema: SCHEMA }] });
  for (const version of ['v3', 'v2']) await publishes(scene, custom, version, SCHEMA);
  const group = `${scene.unique('common-group')}.example.com`;
  const foo = await createCustom(scene, { group, versions: [{ name: 'v4', schema: SCHEMA }] });
  const waldo = await createCustom(scene, { group, versions: [{ name: 'v5', schema: WALDO }] });
  await publishes(scene, waldo, 'v5', WALDO);
  await publishes(scene, foo, 'v4', SCHEMA);
});

behaviour(`${PUBLISH} works for multiple CRDs of same group and version but different kinds [Conformance]`, async (scene) => {
  const group = `${scene.unique('common')}.example.com`;
  const [foo, waldo] = [await createCustom(scene, { group, versions: [{ name: 'v6', schema: SCHEMA }] }), await createCustom(scene, { group, versions: [{ name: 'v6', schema: WALDO }] })];
  await publishes(scene, waldo, 'v6', WALDO);
  await publishes(scene, foo, 'v6', SCHEMA);
});

behaviour(`${PUBLISH} updates the published spec when one version gets renamed [Conformance]`, async (scene) => {
  const { api } = scene;
  const custom = await createCustom(scene, { versions: [{ name: 'v2', schema: SCHEMA }, { name: 'v3', schema: SCHEMA }] });
  await published(scene, custom, 'v3');
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'json', [{ op: 'test', path: '/spec/versions/1/name', value: 'v3' }, { op: 'replace', path: '/spec/versions/1/name', value: 'v4' }]);
  await publishes(scene, custom, 'v4', SCHEMA);
  await withdrawn(scene, custom, 'v3');
  await publishes(scene, custom, 'v2', SCHEMA);
});

behaviour(`${PUBLISH} removes definition from spec when one version gets changed to not be served [Conformance]`, async (scene) => {
  const { api } = scene;
  const custom = await createCustom(scene, { versions: [{ name: 'v5', schema: SCHEMA }, { name: 'v6alpha1', schema: SCHEMA }] });
  await published(scene, custom, 'v6alpha1');
  await api.patch(CUSTOM_RESOURCE_DEFINITIONS, custom.crd.metadata.name, 'json', [{ op: 'test', path: '/spec/versions/1/name', value: 'v6alpha1' }, { op: 'add', path: '/spec/versions/1/served', value: false }]);
  await withdrawn(scene, custom, 'v6alpha1');
  await publishes(scene, custom, 'v5', SCHEMA);
});
