import type { UserInfo } from '#api/transport.ts';
import { StatusError, forbidden } from '#api/status-error.ts';
import type { RequestInfo } from '../request-info.ts';

/** What is asked for: on objects, or on a path. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
  readonly fieldSelector?: string;
}

export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** One whose decisions may be kept. */
export interface StableAuthorizer extends Authorizer {
  /** Grows with every change that decisions of {@link isStable} users may follow. */
  readonly revision: number;
  /** Whether what the user may do stays the same until the revision grows. */
  isStable(user: UserInfo): boolean;
}

/** A list or watch that selects one object by its name is a request for that object. */
export function attributesOf(info: RequestInfo, user: UserInfo, fieldSelector?: string): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, isResource: false, group: '', resource: '', subresource: '', namespace: '', name: '', path: info.path };
  const name = info.name === '' ? selectedName(fieldSelector) : info.name;
  return {
    user, verb: info.verb, isResource: true, group: info.resource.group, resource: info.resource.plural, subresource: info.subresource,
    namespace: info.resource.plural === 'namespaces' && info.resource.group === '' ? info.name : info.namespace, name, path: info.path,
    ...(fieldSelector ? { fieldSelector } : {}),
  };
}

const selectedName = (fieldSelector: string | undefined): string => /(?:^|,)metadata\.name==?([^,]+)/.exec(fieldSelector ?? '')?.[1] ?? '';

/** The words of Kubernetes, which tools and people look for. */
export function refusal(a: Attributes, reason: string): StatusError {
  if (!a.isResource) return new StatusError('Forbidden', `forbidden: User "${a.user.name}" cannot ${a.verb} path "${a.path}"${because(reason)}`, { details: {} });
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const scope = a.namespace === '' || a.resource === 'namespaces' ? 'at the cluster scope' : `in the namespace "${a.namespace}"`;
  return forbidden({ group: a.group, plural: a.resource, kind: a.resource }, a.name,
    `User "${a.user.name}" cannot ${a.verb} resource "${resource}" in API group "${a.group}" ${scope}${because(reason)}`);
}

const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);
