import test from 'ava';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { customResourceType } from '#api/custom-resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

interface Gadget extends KubeObject { readonly spec?: { readonly size?: number; readonly color?: string } }

const version = (name: string, properties: string): string =>
  `  - name: ${name}\n    served: true\n    storage: ${name === 'v1'}\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties: ${properties}\n`;
const definition = (properties: string): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gadgets.example.org\nspec:\n  group: example.org\n  scope: Namespaced\n  names: {plural: gadgets, kind: Gadget}\n  versions:\n${version('v1', properties)}${version('v1beta1', properties)}`;
const gadget = (spec: string, apiVersion = 'v1', name = 'one'): string => `apiVersion: example.org/${apiVersion}\nkind: Gadget\nmetadata:\n  name: ${name}\nspec: ${spec}\n`;
const SIZE = '{size: {type: integer}}';
const SIZE_AND_COLOR = '{size: {type: integer}, color: {type: string}}';

async function gadgets(bench: SyncBench): Promise<ResourceType<Gadget>> {
  const type = await waitFor(async () => customResourceType(await bench.client.get(CUSTOM_RESOURCE_DEFINITIONS, { name: 'gadgets.example.org' })), { what: 'the kind' });
  return type as ResourceType<Gadget>;
}

test.serial('a commit brings a definition and its objects, in any of its versions; a field and its use come in one commit', async (t) => {
  const bench = await startSyncBench(t, { 'apps/a-gadget.yaml': gadget('{size: 1}'), 'apps/b-gadget.yaml': gadget('{size: 2}', 'v1beta1', 'two'), 'apps/crd.yaml': definition(SIZE) });
  await bench.synced();
  const resource = await gadgets(bench);
  t.is((await bench.find(resource, 'one'))?.spec?.size, 1);
  t.is((await bench.find(resource, 'two'))?.spec?.size, 2);
  await bench.synced(bench.repository.commit({ 'apps/crd.yaml': definition(SIZE_AND_COLOR), 'apps/a-gadget.yaml': gadget('{size: 1, color: red}') }));
  t.is((await bench.find(resource, 'one'))?.spec?.color, 'red');
  await bench.client.patch(resource, { namespace: 'default', name: 'one' }, { type: 'merge', body: { spec: { size: 9 } } });
  await waitFor(async () => (await bench.find(resource, 'one'))?.spec?.size === 1, { what: 'the drift healed' });
  await bench.restart();
  await bench.synced(bench.repository.commit({ 'apps/b-gadget.yaml': null }));
  t.is(await bench.find(resource, 'two'), undefined);
  t.truthy(await bench.find(resource, 'one'));
});

test.serial('an object that its definition refuses is told with file and line', async (t) => {
  const bench = await startSyncBench(t, { 'apps/gadget.yaml': gadget('{size: big}'), 'apps/crd.yaml': definition(SIZE) });
  const { status } = await bench.attempted(bench.repository.git('rev-parse', 'HEAD'));
  t.like(status?.errors?.[0], { path: 'apps/gadget.yaml', line: 5, reason: 'InvalidObject' });
  await bench.synced(bench.repository.commit({ 'apps/gadget.yaml': gadget('{size: 3}') }));
  t.is((await bench.find(await gadgets(bench), 'one'))?.spec?.size, 3);
});

test.serial('objects are applied as soon as somebody else defines their kind, and made again with it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/gadget.yaml': gadget('{size: 1}') });
  const { status } = await bench.attempted(bench.repository.git('rev-parse', 'HEAD'));
  t.is(status?.errors?.[0]?.reason, 'UnknownKind');
  const define = (): Promise<unknown> => bench.client.apply(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gadgets.example.org' },
    spec: { group: 'example.org', scope: 'Namespaced', names: { plural: 'gadgets', kind: 'Gadget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }] },
  }, { fieldManager: 'operator' });
  await define();
  await bench.synced();
  await bench.client.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: 'gadgets.example.org' });
  await waitFor(async () => (await bench.find(CUSTOM_RESOURCE_DEFINITIONS, 'gadgets.example.org')) === undefined, { what: 'the definition gone' });
  await define();
  const resource = await gadgets(bench);
  await waitFor(async () => (await bench.find(resource, 'one'))?.spec?.size === 1, { what: 'the object made again' });
});

test.serial('with SkipDryRunOnMissingResource=true the rest of a commit is applied, and the object when its kind is served', async (t) => {
  const patient = gadget('{size: 1}').replace('  name: one', '  name: one\n  annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}');
  const bench = await startSyncBench(t, { 'apps/gadget.yaml': patient, 'apps/operator.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: operator}\n' });
  const { status } = await waitFor(async () => ((found) => found.status?.conditions?.some(({ reason }) => reason === 'AwaitingKinds') && found)(await bench.application()), { what: 'the condition' });
  t.is(status?.syncedRevision, bench.repository.git('rev-parse', 'HEAD'));
  t.regex(status?.conditions?.find(({ type }) => type === 'Synced')?.message ?? '', /1 object; waiting until their kind is served: Gadget one \(apps\/gadget\.yaml:1\)/);
  t.truthy(await bench.find(CONFIG_MAPS, 'operator'));
  await bench.client.create(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gadgets.example.org' },
    spec: { group: 'example.org', scope: 'Namespaced', names: { plural: 'gadgets', kind: 'Gadget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }] },
  });
  await bench.synced();
  t.is((await bench.find(await gadgets(bench), 'one'))?.spec?.size, 1);
});
