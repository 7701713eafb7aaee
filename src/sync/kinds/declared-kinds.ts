import { declaredResourceTypes } from '#api/custom-resource-type.ts';
import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';

/** What kinds there are, for as long as one commit is planned. */
export type KnownKinds = Pick<Scheme, 'byKind'>;

/** The kinds that are served, and those whose definitions stand beside their objects: a commit may bring both. */
export function withDeclared(scheme: KnownKinds, objects: readonly KubeObject[]): KnownKinds {
  const declared = new Map(objects.flatMap(kindsOf).map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]));
  if (declared.size === 0) return scheme;
  return { byKind: (apiVersion, kind) => scheme.byKind(apiVersion, kind) ?? declared.get(`${apiVersion}/${kind}`) };
}

export const isDefinition = ({ kind, apiVersion }: Pick<KubeObject, 'kind' | 'apiVersion'>): boolean => kind === 'CustomResourceDefinition' && apiVersion === 'apiextensions.k8s.io/v1';

/** Nothing for a definition that is no good: the API will say what is wrong with it. */
export function kindsOf(object: KubeObject): readonly ResourceType[] {
  const { spec } = object as Partial<CustomResourceDefinition>;
  return isDefinition(object) && isWhole(spec) ? declaredResourceTypes(spec) : [];
}

function isWhole(spec: unknown): spec is CustomResourceDefinition['spec'] {
  const { group, names, versions } = (spec ?? {}) as { readonly group?: unknown; readonly names?: Readonly<Record<string, unknown>> | null; readonly versions?: unknown };
  return typeof group === 'string' && typeof names?.['kind'] === 'string' && typeof names['plural'] === 'string' && Array.isArray(versions) && versions.every((version: { readonly name?: unknown } | null) => typeof version?.name === 'string');
}
