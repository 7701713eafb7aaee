import test from 'ava';
import type { Attributes, Decision } from '#apiserver/authz/authorizer.ts';
import { UnionAuthorizer } from '#apiserver/authz/union.ts';

const attributes = (name: string, groups: readonly string[], more: Partial<Attributes> = {}): Attributes =>
  ({ user: { name, groups }, verb: 'get', isResource: false, group: '', resource: '', subresource: '', namespace: '', name: '', path: '/', ...more });
const union = (node: Decision, byRole: Decision) => new UnionAuthorizer({ node: { authorize: () => node }, rbac: { authorize: () => byRole, revision: 0 } });
const no = (reason = ''): Decision => ({ isAllowed: false, reason });
const NODE = ['system:node:n', ['system:nodes']] as const;

for (const [path, isAllowed] of [['/healthz', true], ['/livez', true], ['/readyz', true], ['/version', true], ['/version/', true], ['/livez/ping', false], ['/healthz/etcd', false], ['/metrics', false]] as const) {
  test(`without a role ${path} ${isAllowed ? 'may' : 'may not'} be read`, (t) => {
    t.is(union(no(), no()).authorize(attributes('system:anonymous', ['system:unauthenticated'], { path })).isAllowed, isAllowed);
  });
}

test('no path may be written without a role', (t) => {
  t.false(union(no(), no()).authorize(attributes('a', [], { path: '/healthz', verb: 'post' })).isAllowed);
});

test('a node is refused for all reasons that there are', (t) => {
  t.deepEqual(union(no('not yours'), no('RBAC: no role')).authorize(attributes(...NODE)), no('not yours\nRBAC: no role'));
  t.deepEqual(union(no('not yours'), no()).authorize(attributes(...NODE)), no('not yours'));
  t.deepEqual(union(no(), no('RBAC: no role')).authorize(attributes(...NODE)), no('RBAC: no role'));
});

test('a node may what a role lets it', (t) => {
  const allowed = { isAllowed: true, reason: 'RBAC: allowed' };
  t.is(union(no('not yours'), allowed).authorize(attributes(...NODE)), allowed);
});
