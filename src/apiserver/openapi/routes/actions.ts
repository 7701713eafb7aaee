import type { TypeReference } from '#api/facts.ts';
import type { Method } from './route.ts';

/** What Kubernetes calls the operations on objects, in `x-kubernetes-action`. */
export type Action = ObjectAction | 'connect';
/** Those that have one method each. */
export type ObjectAction = 'list' | 'post' | 'deletecollection' | 'watchlist' | 'get' | 'put' | 'patch' | 'delete' | 'watch';

export interface ActionFacts {
  readonly method: Method;
  /** What discovery calls it. */
  readonly verb: string;
  /** Their fields are the parameters of the query, but those that are named in `without`. */
  readonly options: readonly TypeReference[];
  readonly without?: readonly string[];
  /** What is sent: the object, a patch, or options, which may be left out. */
  readonly body?: 'object' | 'patch' | 'options';
  readonly answer: 'object' | 'list' | 'deleted' | 'status' | 'event';
  readonly statuses: readonly number[];
}

const LIST = 'meta/v1.ListOptions';
const DELETE = 'meta/v1.DeleteOptions';

export const ACTIONS: Readonly<Record<ObjectAction, ActionFacts>> = {
  list: { method: 'get', verb: 'list', options: [LIST], answer: 'list', statuses: [200] },
  post: { method: 'post', verb: 'create', options: ['meta/v1.CreateOptions'], body: 'object', answer: 'object', statuses: [200, 201, 202] },
  deletecollection: { method: 'delete', verb: 'deletecollection', options: [DELETE, LIST], without: ['watch', 'allowWatchBookmarks'], body: 'options', answer: 'status', statuses: [200] },
  watchlist: { method: 'get', verb: 'watch', options: [LIST], answer: 'event', statuses: [200] },
  get: { method: 'get', verb: 'get', options: [], answer: 'object', statuses: [200] },
  put: { method: 'put', verb: 'update', options: ['meta/v1.UpdateOptions'], body: 'object', answer: 'object', statuses: [200, 201] },
  patch: { method: 'patch', verb: 'patch', options: ['meta/v1.PatchOptions'], body: 'patch', answer: 'object', statuses: [200, 201] },
  delete: { method: 'delete', verb: 'delete', options: [DELETE], body: 'options', answer: 'deleted', statuses: [200, 202] },
  watch: { method: 'get', verb: 'watch', options: [LIST], answer: 'event', statuses: [200] },
};

/** Of custom resources Kubernetes says a little else. */
export const CUSTOM_ACTIONS: typeof ACTIONS = {
  ...ACTIONS,
  get: { ...ACTIONS.get, options: ['meta/v1.GetOptions'] },
  patch: { ...ACTIONS.patch, statuses: [200] },
  deletecollection: { method: 'delete', verb: 'deletecollection', options: [LIST], answer: 'status', statuses: [200] },
};

interface Subject {
  readonly kind: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly method: string;
  /** Lists of the kind can be watched. */
  readonly isWatched: boolean;
}

const DEPRECATED = "deprecated: use the 'watch' parameter with a list operation instead";

/** In Kubernetes' words, which generators of clients print above each method. */
export function describe(action: Action, { kind, subresource, method, isWatched }: Subject): string {
  const part = subresource === '' ? '' : `${subresource} of `;
  switch (action) {
    case 'list': return `list ${isWatched ? 'or watch ' : ''}objects of kind ${kind}`;
    case 'post': return `create ${part}${articleOf(kind)}${kind}`;
    case 'deletecollection': return `delete collection of ${kind}`;
    case 'watchlist': return `watch individual changes to a list of ${kind}. ${DEPRECATED}.`;
    case 'get': return `read ${part}the specified ${kind}`;
    case 'put': return `replace ${part}the specified ${kind}`;
    case 'patch': return `partially update ${part}the specified ${kind}`;
    case 'delete': return `delete ${articleOf(kind)}${kind}`;
    case 'watch': return `watch changes to an object of kind ${kind}. ${DEPRECATED}, filtered to a single item with the 'fieldSelector' parameter.`;
    case 'connect': return `connect ${method.toUpperCase()} requests to ${part}${kind}`;
  }
}

/** Plurals have none. */
function articleOf(noun: string): string {
  if (/[^s]s$/.test(noun)) return '';
  return /^[aeiou]/i.test(noun) ? 'an ' : 'a ';
}
