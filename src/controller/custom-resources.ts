import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** The namespaced resource that a definition serves, for the verbs that every custom resource has; undefined while it serves none. */
export function namespacedResourceOf(definition: CustomResourceDefinition | undefined): ResourceType | undefined {
  const version = definition?.spec.versions.find((v) => v.served);
  const isEstablished = definition?.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') ?? false;
  if (definition === undefined || version === undefined || !isEstablished || definition.spec.scope !== 'Namespaced') return undefined;
  const { group, names } = definition.spec;
  return {
    group, version: version.name, kind: names.kind, plural: names.plural, singular: names.singular ?? names.kind.toLowerCase(), shortNames: names.shortNames ?? [], categories: names.categories ?? [],
    namespaced: true, verbs: ['get', 'list', 'watch', 'delete'], subresources: [],
  };
}
