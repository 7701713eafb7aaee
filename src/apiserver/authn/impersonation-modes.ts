import { dns1123Label, dns1123Subdomain } from '#api/names.ts';
import type { UserInfo } from '#api/transport.ts';
import { Problems } from '#api/validation/problems.ts';
import { checkDomainPath } from '#api/validation/names.ts';
import type { Attributes } from '../authz/authorizer.ts';
import type { WantedUser } from './impersonation.ts';

/** A way in which somebody may act as somebody else. */
export interface ImpersonationMode {
  /** Absent: the old `impersonate`, for all requests. */
  readonly name?: 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info';
  fits(wanted: WantedUser, requestor: UserInfo): boolean;
}

/** In the order in which they are tried: the narrowest first. */
export const MODES: readonly ImpersonationMode[] = [
  { name: 'associated-node', fits: (wanted, requestor) => isNameOnly(wanted) && runsOn(requestor, wanted.name) },
  { name: 'arbitrary-node', fits: (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined },
  { name: 'serviceaccount', fits: (wanted) => isNameOnly(wanted) && accountOf(wanted.name) !== undefined },
  { name: 'user-info', fits: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined },
  { fits: () => true },
];

export type Right = Pick<Attributes, 'verb' | 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** Rights to parts of a user of one kind. */
export interface RightsToParts {
  readonly each: readonly Right[];
  /** One that stands for all of them. */
  readonly all?: Right | undefined;
  /** What no such right allows. */
  readonly never?: { readonly right: Right; readonly reason: string } | undefined;
}

const NODE_PREFIX = 'system:node:';
const NODES = 'system:nodes';
const MASTERS = 'system:masters';
const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const NODE_NAME = 'authentication.kubernetes.io/node-name';
const AUTHENTICATION = 'authentication.k8s.io';
/** From so many parts on, the right to all of them is asked for before that to each; the number of Kubernetes. */
const MANY = 4;

/** What it takes to act as the user, in the order of Kubernetes, in which the first refusal is told. */
export function rightsFor(mode: ImpersonationMode, wanted: WantedUser): readonly RightsToParts[] {
  const verb = mode.name === undefined ? 'impersonate' : `impersonate:${mode.name}`;
  const right = (resource: string, name: string, more: Partial<Right> = {}): Right =>
    ({ verb, group: mode.name === undefined ? '' : AUTHENTICATION, resource, subresource: '', namespace: '', name, ...more });
  const { uid, groups = [], extra = {} } = wanted;
  const uids = uid ? [right('uids', uid, { group: AUTHENTICATION })] : [];
  const extras = Object.entries(extra).flatMap(([key, values]) => values.map((value) => right('userextras', value, { group: AUTHENTICATION, subresource: key })));
  const parts = { name: { each: [nameRight(mode, wanted.name, right)] }, uid: { each: uids }, groups: { each: groups.map((group) => right('groups', group)) }, extra: { each: extras } };
  if (mode.name === undefined) return Object.values(parts);
  const badExtra = faultOfExtra(extra);
  return [
    parts.name, parts.uid,
    { ...parts.groups, all: groups.length >= MANY ? right('groups', '*') : undefined, never: neverGroup(groups, right) },
    { ...parts.extra, all: extras.length >= MANY ? right('userextras', '*', { subresource: '*' }) : undefined, never: badExtra === undefined ? undefined : { right: right('userextras', ''), reason: badExtra } },
  ];
}

type MakeRight = (resource: string, name: string, more?: Partial<Right>) => Right;

function nameRight({ name: mode }: ImpersonationMode, name: string, right: MakeRight): Right {
  // Whoever may act as the node that it runs on may do so on every node.
  if (mode === 'associated-node') return right('nodes', '*');
  const account = accountOf(name);
  if (account) return right('serviceaccounts', account.name, { namespace: account.namespace });
  const node = mode === 'arbitrary-node' ? nodeOf(name) : undefined;
  return node === undefined ? right('users', name) : right('nodes', node);
}

function neverGroup(groups: readonly string[], right: MakeRight): RightsToParts['never'] {
  if (groups.includes('')) return { right: right('groups', ''), reason: 'impersonating the empty string group is not allowed' };
  return groups.includes(MASTERS) ? { right: right('groups', MASTERS), reason: 'impersonating the system:masters group is not allowed' } : undefined;
}

function faultOfExtra(extra: NonNullable<WantedUser['extra']>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    const problems = new Problems();
    checkDomainPath(problems, 'extra.key', key);
    const [fault] = problems.causes;
    if (fault) return `impersonating an invalid key in extra is not allowed: ${fault.field}: ${fault.message}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed';
  }
  return undefined;
}

/** Those of a service account, or of a node where a right names it as one, come with the name. */
export function groupsOf(mode: ImpersonationMode, { name, groups: asked = [] }: WantedUser): readonly string[] {
  const account = accountOf(name);
  const isNode = mode.name === 'associated-node' || mode.name === 'arbitrary-node';
  const own = isNode ? [NODES] : asked.length > 0 || !account ? asked : ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`];
  if (name === ANONYMOUS) return own.includes(UNAUTHENTICATED) ? own : [...own, UNAUTHENTICATED];
  return own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED) ? own : [...own, AUTHENTICATED];
}

const isNameOnly = ({ groups = [], uid, extra = {} }: WantedUser): boolean => groups.length === 0 && !uid && Object.keys(extra).length === 0;

function nodeOf(user: string): string | undefined {
  if (!user.startsWith(NODE_PREFIX)) return undefined;
  const name = user.slice(NODE_PREFIX.length);
  return dns1123Subdomain(name).length === 0 ? name : undefined;
}

function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]*):([^:]*)$/.exec(user) ?? [];
  return dns1123Label(namespace).length === 0 && dns1123Subdomain(name).length === 0 ? { namespace, name } : undefined;
}

/** A service account whose token was made for a pod of the node. */
function runsOn({ name, extra }: UserInfo, node: string): boolean {
  const names = extra?.[NODE_NAME] ?? [];
  const wanted = nodeOf(node);
  return wanted !== undefined && accountOf(name) !== undefined && names.length === 1 && names[0] === wanted;
}
