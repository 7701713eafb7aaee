import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { compareVersions } from '#api/kube-version.ts';
import type { ResourceType, Verb } from '#api/resource-type.ts';

const VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** With what a client reaches the objects of a definition, in the preferred of its versions; undefined while it is not in force or serves none. */
export const customResourceType = (definition: CustomResourceDefinition): ResourceType | undefined => servedResourceTypes(definition)[0];

/** The same in each version that is served, the preferred one first. */
export function servedResourceTypes({ spec, status }: CustomResourceDefinition): readonly ResourceType[] {
  const isEstablished = status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') === true;
  return isEstablished ? declaredResourceTypes({ ...spec, names: status.acceptedNames ?? spec.names }) : [];
}

/** What a definition will serve once it is in force. */
export function declaredResourceTypes({ group, names, scope, versions }: CustomResourceDefinition['spec']): readonly ResourceType[] {
  const { plural, kind, singular, shortNames = [], categories = [] } = names;
  return versions.filter((v) => v.served).toSorted((a, b) => compareVersions(a.name, b.name)).map(({ name, subresources }) => ({
    group, version: name, kind, plural, singular: singular ?? kind.toLowerCase(), shortNames, categories, namespaced: scope === 'Namespaced', verbs: VERBS,
    subresources: [...(subresources?.status ? ['status'] : []), ...(subresources?.scale ? ['scale'] : [])],
  }));
}
