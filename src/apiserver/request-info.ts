import type { ApiRequest } from '#api/transport.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { goQuote } from '#api/go-text.ts';
import { pathSegmentName } from '#api/names.ts';
import { tryParseFieldSelector } from '#api/selectors/fields.ts';
import { badRequest, isStatus, notFound, StatusError, unserved } from '#api/status-error.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { RemoteService } from './aggregator/api-service.ts';

export type RequestVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A request for objects of one resource. */
export interface ResourceInfo {
  readonly type: 'resource';
  readonly path: string;
  readonly verb: RequestVerb;
  readonly resource: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped objects and for all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  /** Of a list or watch the one name that its field selector leaves: rules go by it as by a name in the path. */
  readonly selectedName?: string;
  /** Another server answers; `resource` has no more than its names then. */
  readonly remote?: RemoteService;
  /** Why nothing is served there, which is told to those who might ask for it; `resource` has no more than its names. */
  readonly unserved?: StatusError;
}

/** Discovery, health, metrics: authorized by path. */
export interface PathInfo {
  readonly type: 'path';
  readonly path: string;
  readonly verb: string;
  readonly remote?: RemoteService;
}
export type RequestInfo = ResourceInfo | PathInfo;

/** Where the resources are known. */
export interface ServedResources {
  readonly scheme: Scheme;
  readonly cache: Pick<WatchCache, 'sync'>;
  /** Those that other servers answer. */
  readonly apiServices: {
    readonly hasRemotes: boolean;
    resolve(method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>>): RequestInfo | undefined;
  };
}

interface Target {
  /** The path names a namespace, though maybe an empty one. */
  readonly isInNamespace: boolean;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
  /** Something follows the subresource. */
  readonly hasMore: boolean;
}

interface Location {
  readonly group: string;
  readonly version: string;
  readonly isWatch: boolean;
  readonly target: Target;
}

/** What a method and a path mean. @throws StatusError NotFound for resources that are not served, BadRequest for bad encoding */
export function parseRequest(scheme: Scheme, method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>>): RequestInfo {
  const location = locate(path);
  if (location === undefined) return pathInfo(method, path);
  const { target, isWatch } = location;
  const resource = scheme.byPlural(location.group, location.version, target.plural);
  if (resource === undefined || (target.isInNamespace ? !resource.namespaced : resource.namespaced && target.name !== '')) throw unserved();
  if (target.subresource !== '' && !resource.subresources.includes(target.subresource)) throw resource.custom ? notFound(resource, target.name) : unserved();
  if (target.hasMore || !isPlainPath(path)) requireRoute(resource, target, method, path);
  const verb = isWatch ? watchVerb(method, target.subresource) : verbOf(method, target.name, query);
  if (resource.custom && resource.namespaced && target.namespace === '' && !ACROSS_NAMESPACES.has(verb)) throw unserved();
  return { type: 'resource', path, resource, subresource: target.subresource, namespace: target.namespace, name: target.name, verb, ...selection(target.name, verb, query) };
}

/** Paths have a route, or have none: slashes at the end are overlooked, others count. */
function requireRoute(resource: ResourceType, { name, subresource, hasMore }: Target, method: ApiRequest['method'], sent: string): void {
  const path = decode(sent);
  const [fault] = pathSegmentName(name);
  if (fault !== undefined && method !== 'POST') throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${fault}`);
  if (path.startsWith('//')) throw unserved();
  if (subresource === 'proxy' || (resource.custom && !hasMore)) return;
  if (hasMore) throw unserved();
  if (name === '' && subresource !== '') throw badRequest('name must be provided');
}

/** All that custom resources are served for without a namespace; built-in ones answer other methods there by what they do not allow. */
const ACROSS_NAMESPACES: ReadonlySet<RequestVerb> = new Set(['list', 'watch']);

/** `/api/v1/watch/pods` is the old way to ask for a watch; nothing else is below it. */
function watchVerb(method: ApiRequest['method'], subresource: string): RequestVerb {
  if (subresource !== '') throw unserved();
  if (method !== 'GET') throw methodNotAllowed();
  return 'watch';
}

export const methodNotAllowed = (): StatusError => new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', { details: {} });

/**
 * The same, for the present state: what another server has put in force a moment ago may be on its way, so only what is still unknown once
 * the cache has caught up is not found.
 */
export function resolveRequest({ scheme, cache, apiServices }: ServedResources, method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>>): RequestInfo | Promise<RequestInfo> {
  const remote = apiServices.hasRemotes ? apiServices.resolve(method, path, query) : undefined;
  if (remote !== undefined) return remote;
  try {
    return parseRequest(scheme, method, path, query);
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    return cache.sync().then(() => parseRequest(scheme, method, path, query)).catch((stillUnknown: unknown) => {
      if (!isStatus(stillUnknown, 'NotFound')) throw stillUnknown;
      return { ...infoAt(method, path, query, (plural, group, version) => namesOnly(group, version, plural)), unserved: stillUnknown } as ResourceInfo;
    });
  }
}

/** What a request means where the resources are not known. */
export function infoAt(method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>>, typeOf: (plural: string, group: string, version: string) => ResourceType): RequestInfo {
  const location = locate(path);
  if (location === undefined) return pathInfo(method, path);
  const { group, version, isWatch, target: { plural, subresource, namespace, name } } = location;
  const verb = isWatch ? 'watch' : verbOf(method, name, query);
  return { type: 'resource', path, resource: typeOf(plural, group, version), subresource, namespace, name, verb, ...selection(name, verb, query) };
}

/** The namespace by which rules judge a request: a namespace lies in itself. */
export const namespaceOf = ({ resource, namespace, name }: Pick<ResourceInfo, 'resource' | 'namespace' | 'name'>): string =>
  (resource.plural === 'namespaces' && resource.group === '' ? name : namespace);

/** The name by which they judge it. */
export const nameOf = ({ name, selectedName = '' }: Pick<ResourceInfo, 'name' | 'selectedName'>): string => name || selectedName;

/** Of other verbs a selector bounds nothing that they may do. */
function selection(name: string, verb: RequestVerb, { fieldSelector = '' }: Readonly<Record<string, string>>): { readonly selectedName?: string } {
  if (name !== '' || (verb !== 'list' && verb !== 'watch') || !fieldSelector.includes('metadata.name')) return {};
  // What is wrong with it is told to those who may list.
  const selectedName = tryParseFieldSelector(fieldSelector)?.find(({ path, operator }) => path === 'metadata.name' && operator === '=')?.value ?? '';
  return selectedName !== '' && pathSegmentName(selectedName).length === 0 ? { selectedName } : {};
}

const pathInfo = (method: ApiRequest['method'], path: string): PathInfo => ({ type: 'path', path: decode(path), verb: method === 'GET' ? 'get' : method.toLowerCase() });

/** Enough of a type to authorize by. */
export const namesOnly = (group: string, version: string, plural: string): ResourceType =>
  ({ group, version, kind: '', plural, singular: '', shortNames: [], categories: [], namespaced: true, verbs: [], subresources: [] });

/** Below what Kubernetes' routers answer, and below a custom resource, what is not there is told in a Status; elsewhere nobody knows of objects. */
export function isBelowServed(scheme: Scheme, url: string): boolean {
  if (/^\/(?:version|api)\//.test(url)) return true;
  const [, group = '', version] = /^\/apis\/([^/?]+)\/([^/?]*)/.exec(url) ?? [];
  return version !== undefined && scheme.all().some((resource) => resource.group === group && (!resource.custom || (resource.version === version && url.includes(`/${resource.plural}/`))));
}

function locate(path: string): Location | undefined {
  const segments = segmentsOf(path);
  if (segments[0] === 'api' && segments.length > 2) return locationIn('', segments[1] ?? '', segments.slice(2));
  if (segments[0] === 'apis' && segments.length > 3) return locationIn(segments[1] ?? '', segments[2] ?? '', segments.slice(3));
  return undefined;
}

/** `watch` before the resource is the old way to ask for a watch. */
function locationIn(group: string, version: string, rest: readonly string[]): Location {
  const isWatch = rest[0] === 'watch' && rest.length > 1;
  return { group, version, isWatch, target: targetOf(group, isWatch ? rest.slice(1) : rest) };
}

/** As nearly all are: nothing is escaped or empty in them, and no name is one dot or two. */
const isPlainPath = (path: string): boolean => path.startsWith('/') && !path.endsWith('/') && !path.includes('//') && !path.includes('%') && !path.includes('/.');

/** An escaped slash is one like others. Who may what is judged by what is between the first and the last. */
const segmentsOf = (path: string): readonly string[] => (isPlainPath(path) ? path.slice(1) : decode(path).replace(/^\/+|\/+$/g, '')).split('/');

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw badRequest(`invalid URL escape in path ${JSON.stringify(path)}: ${String(error)}`);
  }
}

/** Subresources of a namespace itself; any other third segment is a resource inside it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

function targetOf(group: string, rest: readonly string[]): Target {
  const [first = '', second = '', third = '', fourth = '', fifth = ''] = rest;
  if (first === 'namespaces' && third !== '' && !(group === '' && NAMESPACE_SUBRESOURCES.has(third))) {
    return { isInNamespace: true, namespace: second, plural: third, name: fourth, subresource: fifth, hasMore: rest.length > 5 };
  }
  return { isInNamespace: false, namespace: '', plural: first, name: second, subresource: third, hasMore: rest.length > 3 };
}

function verbOf(method: ApiRequest['method'], name: string, query: Readonly<Record<string, string>>): RequestVerb {
  switch (method) {
    case 'GET': return name !== '' ? 'get' : isTrue(query['watch']) ? 'watch' : 'list';
    case 'POST': return 'create';
    case 'PUT': return 'update';
    case 'PATCH': return 'patch';
    case 'DELETE': return name === '' ? 'deletecollection' : 'delete';
  }
}

/** Subresources that last as long as client and server like. */
const STREAMING: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

/** Whether the request may last beyond the time that others have. */
export const isLongRunning = (info: RequestInfo): boolean => info.type === 'resource' && (info.verb === 'watch' || STREAMING.has(info.subresource));

/** Of a parameter all values but `0` and `false` are true, also none. */
export const isTrue = (value: string | undefined): boolean => value !== undefined && value !== '0' && value.toLowerCase() !== 'false';
