import test, { type ExecutionContext } from 'ava';
import { RbacAuthorizer } from '#apiserver/authz/rbac.ts';
import { systemClock as clock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

const RBAC = 'rbac.authorization.k8s.io';
const rule = (verb: string, resource: string) => ({ verbs: [verb], apiGroups: [''], resources: [resource] });
const ask = (user: string, verb: string, resource: string, namespace = 'a', groups: readonly string[] = []) =>
  ({ user: { name: user, groups }, verb, isResource: true, group: '', resource, subresource: '', namespace, name: '', path: '' });

async function open(t: ExecutionContext) {
  const store = createMemoryStore({ clock, retention: { maxEvents: 1000, maxAgeMs: 60_000 } });
  const cache = createWatchCache({ store, log, clock, windowEvents: 1000, bookmarkIntervalMs: 60_000 });
  await cache.ready();
  const rbac = new RbacAuthorizer(cache);
  rbac.start(clock);
  t.teardown(async () => {
    rbac.stop();
    await cache.close();
    await store.close();
  });
  const put = async (plural: string, name: string, rest: object, namespace = ''): Promise<void> => {
    const kind = plural === 'clusterroles' ? 'ClusterRole' : plural === 'roles' ? 'Role' : plural === 'rolebindings' ? 'RoleBinding' : 'ClusterRoleBinding';
    const { labels, ...body } = rest as { readonly labels?: object };
    const value = JSON.stringify({ apiVersion: `${RBAC}/v1`, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) }, ...body });
    const result = await store.transaction([{ type: 'put', key: { resource: `${plural}.${RBAC}`, namespace, name }, value, expect: 'any' }]);
    if (result.ok) await cache.waitFor(result.revisions[0] ?? 0);
  };
  const may = (...question: Parameters<typeof ask>): boolean => rbac.authorize(ask(...question)).isAllowed;
  return { put, may, rbac };
}
const bound = (kind: string, role: string, subject: object) => ({ roleRef: { apiGroup: RBAC, kind, name: role }, subjects: [subject] });

test('a role binding gives a cluster role in its namespace only', async (t) => {
  const { put, may } = await open(t);
  await put('clusterroles', 'reader', { rules: [rule('get', 'pods')] });
  await put('rolebindings', 'b', bound('ClusterRole', 'reader', { kind: 'User', name: 'ada' }), 'a');
  t.true(may('ada', 'get', 'pods'));
  t.deepEqual([may('ada', 'get', 'pods', 'b'), may('ada', 'get', 'pods', ''), may('ada', 'delete', 'pods'), may('bob', 'get', 'pods')], [false, false, false, false]);
});

test('a cluster role binding gives it everywhere, to groups too', async (t) => {
  const { put, may } = await open(t);
  await put('clusterroles', 'reader', { rules: [rule('get', 'nodes')] });
  await put('clusterrolebindings', 'b', bound('ClusterRole', 'reader', { kind: 'Group', name: 'dev' }));
  t.true(may('ada', 'get', 'nodes', '', ['dev']));
  t.true(may('ada', 'get', 'nodes', 'b', ['dev']));
  t.false(may('dev', 'get', 'nodes', ''));
});

test('a service account is meant in the namespace that the subject names, by default the binding\'s', async (t) => {
  const { put, may } = await open(t);
  await put('roles', 'r', { rules: [rule('get', 'secrets')] }, 'a');
  await put('rolebindings', 'b', bound('Role', 'r', { kind: 'ServiceAccount', name: 'app' }), 'a');
  t.true(may('system:serviceaccount:a:app', 'get', 'secrets'));
  t.false(may('system:serviceaccount:b:app', 'get', 'secrets'));
  t.false(may('app', 'get', 'secrets'));
});

test('what is granted or taken counts at once', async (t) => {
  const { put, may } = await open(t);
  await put('clusterroles', 'r', { rules: [rule('get', 'pods')] });
  t.false(may('ada', 'get', 'pods'));
  await put('clusterrolebindings', 'b', bound('ClusterRole', 'r', { kind: 'User', name: 'ada' }));
  t.true(may('ada', 'get', 'pods'));
  await put('clusterroles', 'r', { rules: [] });
  t.false(may('ada', 'get', 'pods'));
});

test('a role has the rules that are stored with it, and an absent one is named in the refusal', async (t) => {
  const { put, rbac } = await open(t);
  await put('clusterroles', 'sum', { rules: [rule('get', 'pods')], aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'x' } }] } });
  t.deepEqual(rbac.rulesOfRole('ClusterRole', '', 'sum'), [rule('get', 'pods')]);
  t.is(rbac.rulesOfRole('ClusterRole', '', 'absent'), undefined);
  await put('clusterrolebindings', 'b', bound('ClusterRole', 'absent', { kind: 'User', name: 'ada' }));
  t.is(rbac.authorize(ask('ada', 'get', 'pods')).reason, 'RBAC: clusterrole.rbac.authorization.k8s.io "absent" not found');
});

test('a refusal names absent roles that would count where it is asked, each once', async (t) => {
  const { put, rbac } = await open(t);
  const user = { kind: 'User', name: 'ada' };
  await put('rolebindings', 'one', bound('Role', 'gone', user), 'a');
  await put('rolebindings', 'two', bound('Role', 'gone', user), 'a');
  await put('rolebindings', 'other', bound('ClusterRole', 'view', user), 'b');
  const why = (namespace: string): string => rbac.authorize(ask('ada', 'get', 'pods', namespace)).reason;
  t.deepEqual(['a', 'b', 'c', ''].map(why), [`RBAC: role.${RBAC} "gone" not found`, `RBAC: clusterrole.${RBAC} "view" not found`, '', '']);
  await put('clusterrolebindings', 'all', bound('ClusterRole', 'lost', user));
  t.deepEqual(['a', ''].map(why), [`RBAC: [clusterrole.${RBAC} "lost" not found, role.${RBAC} "gone" not found]`, `RBAC: clusterrole.${RBAC} "lost" not found`]);
  t.is(rbac.authorize({ ...ask('ada', 'get', ''), isResource: false, path: '/x' }).reason, `RBAC: clusterrole.${RBAC} "lost" not found`);
});

test('an answer tells by which binding it is', async (t) => {
  const { put, rbac } = await open(t);
  await put('roles', 'r', { rules: [rule('get', 'pods')] }, 'a');
  await put('rolebindings', 'b', bound('Role', 'r', { kind: 'ServiceAccount', name: 'app' }), 'a');
  t.is(rbac.authorize(ask('system:serviceaccount:a:app', 'get', 'pods')).reason, 'RBAC: allowed by RoleBinding "b/a" of Role "r" to ServiceAccount "app/a"');
});

test('names that hold line breaks are never taken for others', async (t) => {
  const { put, may } = await open(t);
  await put('clusterroles', 'r', { rules: [rule('get', 'pods')] });
  await put('clusterrolebindings', 'b', bound('ClusterRole', 'r', { kind: 'Group', name: 'dev' }));
  t.true(may('ada', 'get', 'pods', 'a', ['dev']));
  t.false(may('ada\ndev', 'get', 'pods'));
});
