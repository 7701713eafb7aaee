import { badRequest } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { refusal, type Attributes, type Authorizer } from '../authz/authorizer.ts';
import type { RequestHeaders } from '../http/exchange.ts';
import { extraOf } from './request-headers.ts';

const PREFIX = 'impersonate-';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

/** Acts as somebody else when the headers ask for it and the user may. @throws StatusError Forbidden, BadRequest */
export function impersonate(authorizer: Authorizer, user: UserInfo, request: RequestHeaders): UserInfo {
  return request.hasPrefixed(PREFIX) ? impersonated(authorizer, user, request) : user;
}

function impersonated(authorizer: Authorizer, user: UserInfo, request: RequestHeaders): UserInfo {
  const name = request.values('impersonate-user')[0] ?? '';
  const groups = request.values('impersonate-group');
  const uid = request.values('impersonate-uid')[0];
  const extra = extraOf(request, 'impersonate-extra-');
  if (name !== '') return actAs(authorizer, user, { name, groups, uid, extra });
  if (groups.length > 0 || uid || extra) throw badRequest('requested impersonation without impersonating a user');
  return user;
}

/** Who a call acts as. @throws StatusError Forbidden */
export function actAs(authorizer: Authorizer, user: UserInfo, { name, groups = [], uid, extra }: ImpersonatedUser): UserInfo {
  const account = SERVICE_ACCOUNT.exec(name);
  for (const target of targetsOf({ name, groups, account, uid, extra })) {
    const asked: Attributes = { ...target, user, verb: 'impersonate', isResource: true, path: '' };
    const decision = authorizer.authorize(asked);
    if (!decision.isAllowed) throw refusal(asked, decision.reason);
  }
  return { name, groups: groupsOf(name, groups, account), ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

export interface ImpersonatedUser {
  readonly name: string;
  /** Default: those of a service account, else none. */
  readonly groups?: readonly string[] | undefined;
  readonly uid?: string | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}
interface Wanted extends ImpersonatedUser {
  readonly groups: readonly string[];
  readonly account: RegExpExecArray | null;
}
type Target = Pick<Attributes, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

const CORE = { group: '', subresource: '', namespace: '' } as const;
const AUTHENTICATION = { ...CORE, group: 'authentication.k8s.io' } as const;

/** A right of its own for the name, each group, the UID and each value of each extra. */
function targetsOf({ name, groups, account, uid, extra = {} }: Wanted): readonly Target[] {
  return [
    account ? { ...CORE, resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' } : { ...CORE, resource: 'users', name },
    ...groups.map((group) => ({ ...CORE, resource: 'groups', name: group })),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((value) => ({ ...AUTHENTICATION, resource: 'userextras', subresource: key, name: value }))),
    ...(uid ? [{ ...AUTHENTICATION, resource: 'uids', name: uid }] : []),
  ];
}

function groupsOf(name: string, asked: readonly string[], account: RegExpExecArray | null): readonly string[] {
  if (name === ANONYMOUS) return asked.includes(UNAUTHENTICATED) ? asked : [...asked, UNAUTHENTICATED];
  const own = asked.length > 0 || !account ? asked : ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`];
  return own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED) ? own : [...own, AUTHENTICATED];
}
