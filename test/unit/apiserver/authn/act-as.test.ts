import test from 'ava';
import type { UserInfo } from '#api/transport.ts';
import { actAs } from '#apiserver/authn/act-as.ts';
import type { WantedUser } from '#apiserver/authn/impersonation.ts';
import type { Attributes, Authorizer } from '#apiserver/authz/authorizer.ts';

const MAKE = { namespace: 'bar', isResource: true, group: '', resource: 'pods', subresource: '', name: 'foo', path: '' } as const;
const ask = (user: UserInfo, verb = 'get'): Attributes => ({ ...MAKE, user, verb });
const requestor = (name: string, more: Partial<UserInfo> = {}): UserInfo => ({ name, groups: [], ...more });

/** Allows the rights that are listed, as `verb resource[/subresource][ name]`, and remembers what it was asked. */
function authorizer(...rights: readonly string[]) {
  const asked: string[] = [];
  const self: Authorizer = {
    authorize({ verb, group, resource, subresource, namespace, name }) {
      const what = `${verb} ${resource}${subresource ? `/${subresource}` : ''}`;
      asked.push(`${what}${group ? `.${group}` : ''} ${namespace ? `${namespace}/` : ''}${name}`);
      return { isAllowed: rights.includes(what) || rights.includes(`${what} ${name}`), reason: '' };
    },
  };
  return { self, asked };
}

const ON_NODE = requestor('system:serviceaccount:default:default', { extra: { 'authentication.kubernetes.io/node-name': ['node1'] } });
const AUTHENTICATED = 'system:authenticated';
const ALLOWED: readonly { readonly what: string; readonly rights: readonly string[]; readonly as: WantedUser; readonly from?: UserInfo; readonly asked?: readonly string[]; readonly groups: readonly string[]; readonly constraint?: string }[] = [
  {
    what: 'a user, for one kind of request', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users anyone'], as: { name: 'anyone' },
    asked: ['impersonate-on:user-info:get pods bar/foo', 'impersonate:user-info users.authentication.k8s.io anyone'], groups: [AUTHENTICATED], constraint: 'impersonate:user-info',
  },
  {
    what: 'a user, for all requests', rights: ['impersonate users'], as: { name: 'anyone' },
    asked: ['impersonate-on:user-info:get pods bar/foo', 'impersonate users anyone'], groups: [AUTHENTICATED],
  },
  {
    what: 'a service account', rights: ['impersonate-on:serviceaccount:get pods', 'impersonate:serviceaccount serviceaccounts'], as: { name: 'system:serviceaccount:default:app' },
    asked: ['impersonate-on:serviceaccount:get pods bar/foo', 'impersonate:serviceaccount serviceaccounts.authentication.k8s.io default/app'],
    groups: ['system:serviceaccounts', 'system:serviceaccounts:default', AUTHENTICATED], constraint: 'impersonate:serviceaccount',
  },
  {
    what: 'a node', rights: ['impersonate-on:arbitrary-node:get pods', 'impersonate:arbitrary-node nodes node1'], as: { name: 'system:node:node1' },
    asked: ['impersonate-on:arbitrary-node:get pods bar/foo', 'impersonate:arbitrary-node nodes.authentication.k8s.io node1'], groups: ['system:nodes', AUTHENTICATED], constraint: 'impersonate:arbitrary-node',
  },
  {
    what: 'the node that it runs on', rights: ['impersonate-on:associated-node:get pods', 'impersonate:associated-node nodes *'], as: { name: 'system:node:node1' }, from: ON_NODE,
    asked: ['impersonate-on:associated-node:get pods bar/foo', 'impersonate:associated-node nodes.authentication.k8s.io *'], groups: ['system:nodes', AUTHENTICATED], constraint: 'impersonate:associated-node',
  },
  { what: 'a node by its name alone, for all requests', rights: ['impersonate users'], as: { name: 'system:node:node1' }, groups: [AUTHENTICATED] },
  {
    what: 'a user with all that belongs to it', rights: ['impersonate-on:user-info:get pods', ...['users', 'uids', 'groups', 'userextras/a.io/scopes'].map((r) => `impersonate:user-info ${r}`)],
    as: { name: 'anyone', uid: '7', groups: ['a', 'b'], extra: { 'a.io/scopes': ['x', 'y'] } },
    asked: [
      'impersonate-on:user-info:get pods bar/foo', ...['users', 'uids'].map((r) => `impersonate:user-info ${r}.authentication.k8s.io ${r === 'users' ? 'anyone' : '7'}`),
      ...['a', 'b'].map((g) => `impersonate:user-info groups.authentication.k8s.io ${g}`), ...['x', 'y'].map((v) => `impersonate:user-info userextras/a.io/scopes.authentication.k8s.io ${v}`),
    ],
    groups: ['a', 'b', AUTHENTICATED], constraint: 'impersonate:user-info',
  },
  {
    what: 'a user with many groups, by the right to all of them', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users', 'impersonate:user-info groups *'], as: { name: 'anyone', groups: ['a', 'b', 'c', 'd'] },
    asked: ['impersonate-on:user-info:get pods bar/foo', 'impersonate:user-info users.authentication.k8s.io anyone', 'impersonate:user-info groups.authentication.k8s.io *'],
    groups: ['a', 'b', 'c', 'd', AUTHENTICATED], constraint: 'impersonate:user-info',
  },
  { what: 'masters, for all requests only', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users', 'impersonate:user-info groups', 'impersonate users', 'impersonate groups'], as: { name: 'anyone', groups: ['system:masters'] }, groups: ['system:masters', AUTHENTICATED] },
  { what: 'nobody in particular', rights: ['impersonate users'], as: { name: 'system:anonymous' }, groups: ['system:unauthenticated'] },
  { what: 'one who is no service account', rights: ['impersonate users'], as: { name: 'system:serviceaccount:Not_A:namespace' }, groups: [AUTHENTICATED] },
];
for (const { what, rights, as, from, asked, groups, constraint } of ALLOWED) {
  test(`to act as ${what}`, (t) => {
    const { self, asked: heard } = authorizer(...rights);
    const { user, constraint: by } = actAs(self, ask(from ?? requestor('tester')), as);
    t.is(user.name, as.name);
    t.deepEqual(user.groups, groups);
    t.is(by, constraint);
    if (asked) t.deepEqual(heard, asked);
  });
}

const REFUSED: readonly { readonly what: string; readonly rights: readonly string[]; readonly as: WantedUser; readonly from?: UserInfo; readonly verb?: string; readonly message: string }[] = [
  {
    what: 'another request than those allowed', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users'], as: { name: 'anyone' }, verb: 'create',
    message: 'pods "foo" is forbidden: User "tester" cannot impersonate-on:user-info:create resource "pods" in API group "" in the namespace "bar"',
  },
  {
    what: 'a user that no right names', rights: ['impersonate-on:user-info:get pods'], as: { name: 'anyone' },
    message: 'users.authentication.k8s.io "anyone" is forbidden: User "tester" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope',
  },
  {
    what: 'another node than the one it runs on', rights: ['impersonate-on:associated-node:get pods', 'impersonate-on:arbitrary-node:get pods', 'impersonate:associated-node nodes'], as: { name: 'system:node:node2' }, from: ON_NODE,
    message: 'nodes.authentication.k8s.io "node2" is forbidden: User "system:serviceaccount:default:default" cannot impersonate:arbitrary-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope',
  },
  {
    what: 'masters', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users', 'impersonate:user-info groups'], as: { name: 'anyone', groups: ['system:masters'] },
    message: 'groups.authentication.k8s.io "system:masters" is forbidden: User "tester" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
  },
  {
    what: 'an extra whose key is in capitals', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users', 'impersonate:user-info userextras/a.io/Scopes'], as: { name: 'anyone', extra: { 'a.io/Scopes': ['x'] } },
    message: 'userextras.authentication.k8s.io is forbidden: User "tester" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating a non-lowercase key in extra is not allowed: "a.io/Scopes"',
  },
  {
    what: 'an extra whose key says not whose it is', rights: ['impersonate-on:user-info:get pods', 'impersonate:user-info users', 'impersonate:user-info userextras/scopes'], as: { name: 'anyone', extra: { scopes: ['x'] } },
    message: 'userextras.authentication.k8s.io is forbidden: User "tester" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")',
  },
];
for (const { what, rights, as, from, verb, message } of REFUSED) {
  test(`rights to single requests do not let anybody act for ${what}`, (t) => {
    t.is(t.throws(() => actAs(authorizer(...rights).self, ask(from ?? requestor('tester'), verb), as))?.message, message);
  });
}
