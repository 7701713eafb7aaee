import type { Action } from './actions.ts';

export interface NamedOperation {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly action: Action;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Of operations that connect. */
  readonly method: string;
  readonly isNamespaced: boolean;
  /** Over all namespaces. */
  readonly isEverywhere: boolean;
  /** The rest of the path belongs to whoever is connected to. */
  readonly hasRest: boolean;
}

const WORDS: Readonly<Record<Action, string>> = {
  get: 'read', list: 'list', post: 'create', put: 'replace', patch: 'patch', delete: 'delete', deletecollection: 'delete', watch: 'watch', watchlist: 'watch', connect: 'connect',
};

/** The name that generators of clients make a method of: `readAppsV1NamespacedDeploymentStatus`. */
export function operationName({ group, version, kind, action, subresource, method, isNamespaced, isEverywhere, hasRest }: NamedOperation): string {
  const start = `${WORDS[action]}${groupWord(group)}${capital(version)}`;
  const how = action === 'connect' ? capital(method) : action === 'deletecollection' ? 'Collection' : '';
  const scope = isNamespaced && !isEverywhere ? 'Namespaced' : '';
  return `${start}${how}${scope}${kind}${action === 'watchlist' ? 'List' : ''}${capital(subresource)}${hasRest ? 'WithPath' : ''}${isEverywhere ? 'ForAllNamespaces' : ''}`;
}

/** `rbac.authorization.k8s.io` is `RbacAuthorization` in names of operations. */
export const groupWord = (group: string): string => capital(identifier(groupName(group)));

/** Under what a client groups operations: `rbacAuthorization_v1`. */
export const tagOf = (group: string, version?: string): string => identifier(groupName(group)) + (version === undefined ? '' : `_${identifier(version)}`);

/** Letters, digits and underscores; what follows anything else begins with a capital. */
export const identifier = (text: string): string => text.replace(/^\d/, '.').split(/[^\p{L}\d_]+/u).map((word, i) => (i === 0 ? word : capital(word))).join('');

const groupName = (group: string): string => (group === '' ? 'core' : group.replace(/\.k8s\.io$/, ''));
export const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
