import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { refusal, type Attributes, type Authorizer } from '../authz/authorizer.ts';

const PREFIX = 'impersonate-';
const EXTRA_PREFIX = 'impersonate-extra-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Acts as somebody else when the headers ask for it and the user may. @throws StatusError Forbidden, BadRequest */
export function impersonate(authorizer: Authorizer, user: UserInfo, headers: IncomingHttpHeaders): UserInfo {
  for (const header in headers) if (header.startsWith(PREFIX)) return impersonated(authorizer, user, headers);
  return user;
}

function impersonated(authorizer: Authorizer, user: UserInfo, headers: IncomingHttpHeaders): UserInfo {
  const name = headerOf(headers, 'impersonate-user');
  const groups = headersOf(headers, 'impersonate-group');
  const uid = headerOf(headers, 'impersonate-uid');
  const extras = Object.keys(headers).filter((h) => h.startsWith(EXTRA_PREFIX));
  if (name === undefined) {
    if (groups.length > 0 || uid !== undefined || extras.length > 0) throw badRequest('requested impersonation without impersonating a user');
    return user;
  }
  const require = (attributes: Pick<Attributes, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>): void => {
    const asked: Attributes = { ...attributes, user, verb: 'impersonate', isResource: true, path: '' };
    const decision = authorizer.authorize(asked);
    if (!decision.isAllowed) throw refusal(asked, decision.reason);
  };
  const account = SERVICE_ACCOUNT.exec(name);
  if (account) require({ group: '', resource: 'serviceaccounts', subresource: '', namespace: account[1] ?? '', name: account[2] ?? '' });
  else require({ group: '', resource: 'users', subresource: '', namespace: '', name });
  for (const group of groups) require({ group: '', resource: 'groups', subresource: '', namespace: '', name: group });
  if (uid !== undefined) require({ group: 'authentication.k8s.io', resource: 'uids', subresource: '', namespace: '', name: uid });
  const extra = Object.fromEntries(extras.map((h) => [decodeURIComponent(h.slice(EXTRA_PREFIX.length)), headersOf(headers, h)]));
  for (const [key, values] of Object.entries(extra)) for (const value of values) require({ group: 'authentication.k8s.io', resource: 'userextras', subresource: key, namespace: '', name: value });
  return { name, groups: groupsOf(name, groups, account), ...(uid === undefined ? {} : { uid }), ...(extras.length > 0 ? { extra } : {}) };
}

function groupsOf(name: string, asked: readonly string[], account: RegExpExecArray | null): readonly string[] {
  if (name === 'system:anonymous') return asked.length > 0 ? asked : ['system:unauthenticated'];
  const own = asked.length > 0 || !account ? asked : ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`];
  return own.includes('system:authenticated') ? own : [...own, 'system:authenticated'];
}

/** Node joins repeated headers with a comma. */
const headersOf = (headers: IncomingHttpHeaders, name: string): readonly string[] => {
  const value = headers[name];
  return value === undefined ? [] : Array.isArray(value) ? value : value.split(',').map((v) => v.trim()).filter((v) => v !== '');
};
const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return value === undefined || value === '' ? undefined : String(value);
};
