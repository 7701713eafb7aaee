import type { UserInfo } from '#api/transport.ts';
import { goQuote } from '#api/go-text.ts';
import { StatusError, forbidden } from '#api/status-error.ts';
import { nameOf, namespaceOf, type RequestInfo } from '../request-info.ts';

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

export function attributesOf(info: RequestInfo, user: UserInfo, fieldSelector?: string): Attributes {
  if (info.type === 'path') return { user, verb: info.verb, isResource: false, group: '', resource: '', subresource: '', namespace: '', name: '', path: info.path };
  return {
    user, verb: info.verb, isResource: true, group: info.resource.group, resource: info.resource.plural, subresource: info.subresource,
    namespace: namespaceOf(info), name: nameOf(info), path: info.path,
    ...(fieldSelector ? { fieldSelector } : {}),
  };
}

/** The words of Kubernetes, which tools and people look for. */
export function refusal(a: Attributes, reason: string): StatusError {
  if (!a.isResource) return new StatusError('Forbidden', `forbidden: ${harmless(`User ${goQuote(a.user.name)} cannot ${a.verb} path ${goQuote(a.path)}`)}${because(reason)}`, { details: {} });
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const scope = a.namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(a.namespace)}`;
  return forbidden({ group: a.group, plural: a.resource, kind: a.resource }, a.name,
    `${harmless(`User ${goQuote(a.user.name)} cannot ${a.verb} resource ${goQuote(resource)} in API group ${goQuote(a.group)} ${scope}`)}${because(reason)}`);
}

/** Names and paths come from anybody, and a browser may show the text as a page. */
const harmless = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const because = (reason: string): string => (reason === '' ? '' : `: ${reason}`);
