import type { ResourceType } from '#api/resource-type.ts';

const typeOf = (group: string, version: string, kind: string, facts: string): ResourceType =>
  ({ group, version, kind, facts, plural: '', singular: '', shortNames: [], categories: [], namespaced: true, verbs: [], subresources: [] });

/** What is posted to a subresource is of a kind of its own. */
export const POSTED_TYPES: ReadonlyMap<string, ResourceType> = new Map([
  ['binding', typeOf('', 'v1', 'Binding', 'core/v1.Binding')],
  ['eviction', typeOf('policy', 'v1', 'Eviction', 'policy/v1.Eviction')],
  ['token', typeOf('authentication.k8s.io', 'v1', 'TokenRequest', 'authentication/v1.TokenRequest')],
]);
