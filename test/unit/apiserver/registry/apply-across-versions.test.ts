import test from 'ava';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { loadSchema } from '#api/schema.ts';
import { applyAcrossVersions } from '#apiserver/registry/apply-across-versions.ts';
import { releaseVersions } from '#apiserver/registry/release-versions.ts';

const schema = loadSchema();
const VERSIONS = ['v1', 'v2', 'v3'] as const;
type Version = (typeof VERSIONS)[number];
type Content = (version: Version) => object;

/** The names of fields end with their version. */
const convert = async (objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> => objects.map((object) => {
  const { managedFields, ...metadata } = object.metadata;
  const converted = JSON.parse(JSON.stringify({ ...object, metadata, apiVersion }).replaceAll(/(scalar|complex)_v\d/g, `$1_${apiVersion.slice(2)}`)) as KubeObject;
  return { ...converted, metadata: { ...converted.metadata, managedFields } };
});
const text = { type: 'string' };
const typeOf = (version: Version): ResourceType => ({
  group: 'g', version, kind: 'Thing', plural: 'things', subresources: [], conversion: { convert },
  custom: { schema: { source: { type: 'object', properties: { spec: { type: 'object', properties: { name: text, [`scalar_${version}`]: text, [`complex_${version}`]: { type: 'object', properties: { name: text } } } } } } } },
}) as unknown as ResourceType;
const types = new Map(VERSIONS.map((version) => [`g/${version}`, typeOf(version)]));
const env = { schema, scheme: { byKind: (apiVersion: string) => types.get(apiVersion) } } as unknown as Parameters<typeof applyAcrossVersions>[0];

interface Write {
  readonly by: string;
  readonly in: Version;
  readonly content: Content;
  readonly isUpdate?: true;
}

async function write(live: KubeObject | undefined, { by: manager, in: version, content, isUpdate }: Write): Promise<KubeObject> {
  const apiVersion = `g/${version}`;
  const type = types.get(apiVersion) as ResourceType;
  const [before] = live === undefined ? [] : await convert([live], apiVersion);
  const sent = { apiVersion, kind: 'Thing', metadata: { name: 'a' }, spec: content(version) } as KubeObject;
  if (!isUpdate) return applyAcrossVersions(env, type, { live: before, applied: sent, manager, force: false, now: 'T' });
  const tracked = trackUpdate(schema, type, { live: before, updated: before === undefined ? sent : { ...sent, metadata: before.metadata }, manager, now: 'T' });
  return before === undefined ? tracked : releaseVersions(env, type, before, tracked);
}

const bare: Content = () => ({ name: 'a' });
const scalar = (value: string): Content => (version) => ({ name: 'a', [`scalar_${version}`]: value });
const complex: Content = (version) => ({ name: 'a', [`complex_${version}`]: { name: 'b' } });
const without = (content: Content): Content => (version) => Object.fromEntries(Object.entries(content(version)).filter(([name]) => name !== 'name'));

for (const [what, writesIn, left, owners] of [
  ['goes when nobody shares it', (a, b) => [{ by: 'one', in: a, content: scalar('x') }, { by: 'one', in: b, content: bare }], bare, (_a, b) => ({ one: [b, ['name']] })],
  ['goes with its parts', (a, b) => [{ by: 'one', in: a, content: complex }, { by: 'one', in: b, content: bare }], bare, (_a, b) => ({ one: [b, ['name']] })],
  ['stays when another applies it', (a, b, c) => [{ by: 'one', in: a, content: scalar('x') }, { by: 'two', in: b, content: without(scalar('x')) }, { by: 'one', in: c, content: bare }], scalar('x'), (_a, b, c) => ({ one: [c, ['name']], two: [b, [`scalar_${b}`]] })],
  ['stays with its parts when another applies it', (a, b, c) => [{ by: 'one', in: a, content: complex }, { by: 'two', in: b, content: without(complex) }, { by: 'one', in: c, content: bare }], complex, (_a, b, c) => ({ one: [c, ['name']], two: [b, [`complex_${b}`]] })],
  ['stays when another has written it', (a, b, c) => [{ by: 'one', in: a, content: scalar('x'), isUpdate: true }, { by: 'two', in: b, content: scalar('x') }, { by: 'two', in: c, content: bare }], scalar('x'), (a, _b, c) => ({ one: [a, ['.', 'name', `scalar_${a}`]], two: [c, ['name']] })],
  ['is lost to who writes it', (a, b) => [{ by: 'one', in: a, content: scalar('x') }, { by: 'two', in: b, content: scalar('y'), isUpdate: true }], scalar('y'), (a, b) => ({ one: [a, ['name']], two: [b, [`scalar_${b}`]] })],
] as readonly (readonly [string, (a: Version, b: Version, c: Version) => readonly Write[], Content, (a: Version, b: Version, c: Version) => object])[]) {
  test(`what is applied in one version, and no more in another, ${what}`, async (t) => {
    for (const a of VERSIONS) for (const b of VERSIONS) for (const c of VERSIONS) {
      let live: KubeObject | undefined;
      for (const each of writesIn(a, b, c)) live = await write(live, each);
      const [result] = await convert([live as KubeObject], 'g/v1');
      const { spec, metadata } = result as KubeObject & { readonly spec: object };
      t.deepEqual(spec, left('v1'), `${a} ${b} ${c}`);
      const owned = Object.fromEntries((metadata.managedFields ?? []).map(({ manager, apiVersion = '', fieldsV1 }) => [manager, [apiVersion.slice(2), Object.keys((fieldsV1 as { readonly 'f:spec': object })['f:spec']).map((step) => step.replace('f:', ''))]]));
      t.deepEqual(owned, owners(a, b, c) as typeof owned, `${a} ${b} ${c}`);
    }
  });
}
