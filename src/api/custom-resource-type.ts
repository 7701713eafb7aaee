import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { compareVersions } from '#api/kube-version.ts';
import type { ResourceType, Verb } from '#api/resource-type.ts';

const VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** With what a client reaches the objects of a definition, in the preferred of its versions; undefined while it is not in force or serves none. */
export function customResourceType({ spec, status }: CustomResourceDefinition): ResourceType | undefined {
  const isEstablished = status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') === true;
  const version = spec.versions.filter((v) => v.served).toSorted((a, b) => compareVersions(a.name, b.name))[0];
  if (!isEstablished || version === undefined) return undefined;
  const { plural, kind, singular, shortNames = [], categories = [] } = status.acceptedNames ?? spec.names;
  return {
    group: spec.group, version: version.name, kind, plural, singular: singular ?? kind.toLowerCase(), shortNames, categories, namespaced: spec.scope === 'Namespaced', verbs: VERBS,
    subresources: [...(version.subresources?.status ? ['status'] : []), ...(version.subresources?.scale ? ['scale'] : [])],
  };
}
