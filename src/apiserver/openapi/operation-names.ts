import type { ResourceType } from '#api/resource-type.ts';

export interface NamedOperation {
  readonly resource: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly verb: string;
  /** Of operations that connect: the verb of the HTTP method. */
  readonly method: string;
  readonly isEverywhere: boolean;
}

const WORDS: Readonly<Record<string, string>> = { get: 'read', list: 'list', create: 'create', update: 'replace', patch: 'patch', delete: 'delete', deletecollection: 'delete', watchlist: 'watch' };
const METHODS: Readonly<Record<string, string>> = { get: 'Get', create: 'Post', update: 'Put', patch: 'Patch', delete: 'Delete' };

/** The names that generators of clients make methods of: `readAppsV1NamespacedDeploymentStatus`. */
export function operationName({ resource, subresource, verb, method, isEverywhere }: NamedOperation): string {
  const group = resource.group === '' ? 'Core' : resource.group.replace(/\.k8s\.io$/, '').split(/[.-]/).map(capital).join('');
  const collection = verb === 'deletecollection' ? 'Collection' : '';
  const scope = resource.namespaced && !isEverywhere ? 'Namespaced' : '';
  const start = verb === 'connect' ? `connect${group}${capital(resource.version)}${METHODS[method] ?? ''}` : `${WORDS[verb] ?? verb}${group}${capital(resource.version)}${collection}`;
  return `${start}${scope}${resource.kind}${verb === 'watchlist' ? 'List' : ''}${capital(subresource)}${isEverywhere ? 'ForAllNamespaces' : ''}`;
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
