import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { waitFor } from '#test/support/wait.ts';
import type { Scene } from './behaviour.ts';

export interface CustomVersion {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly schema?: object;
  readonly subresources?: object;
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface CustomKind {
  readonly group?: string;
  readonly kind?: string;
  readonly versions?: readonly CustomVersion[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly conversion?: object;
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const PRESERVING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A definition that is made for a test, and taken away after it. */
export interface Custom {
  readonly crd: CustomResourceDefinition & KubeObject;
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  /** The resource in a version; the first one by default. */
  resource(version?: string): ResourceType;
}

export function newDefinition({ unique }: Pick<Scene, 'unique'>, wanted: CustomKind = {}) {
  const kind = wanted.kind ?? unique('E2e').replace('-', '');
  const singular = kind.toLowerCase();
  const plural = `${singular}s`;
  const group = wanted.group ?? `${unique('e2e')}.example.com`;
  const versions = (wanted.versions ?? [{ name: 'v1' }]).map((v, i) => ({ name: v.name, served: v.served ?? true, storage: v.storage ?? i === 0, schema: { openAPIV3Schema: v.schema ?? PRESERVING }, ...(v.subresources ? { subresources: v.subresources } : {}), ...(v.selectableFields ? { selectableFields: v.selectableFields } : {}) }));
  return {
    metadata: { name: `${plural}.${group}`, ...(wanted.labels ? { labels: wanted.labels } : {}) },
    spec: { group, scope: 'Namespaced', names: { plural, singular, kind, listKind: `${kind}List` }, versions, ...(wanted.conversion ? { conversion: wanted.conversion } : {}) },
  };
}

/** Creates a definition and waits until its resources are served. */
export async function createCustom(scene: Scene, wanted: CustomKind = {}): Promise<Custom> {
  const { t, api } = scene;
  const definition = newDefinition(scene, wanted);
  const { group, names: { kind, plural, singular }, versions } = definition.spec;
  const crd = await api.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
  t.teardown(async () => {
    await api.delete(CUSTOM_RESOURCE_DEFINITIONS, definition.metadata.name).catch(() => undefined);
  });
  const resource = (version = versions[0]?.name ?? 'v1'): ResourceType =>
    ({ group, version, kind, plural, singular, shortNames: [], categories: [], namespaced: true, verbs: VERBS, subresources: [] });
  const served = versions.find((v) => v.served)?.name;
  if (served) await waitFor(async () => (await api.list(resource(served), { namespace: scene.namespace })).items.length === 0, { what: `${plural} to be served` });
  return { crd: crd as Custom['crd'], group, kind, plural, resource };
}
