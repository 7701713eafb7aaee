import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { bootstrapObjects } from '#apiserver/bootstrap/objects.ts';
import { bindsOtherRole, reconciled } from '#apiserver/bootstrap/reconcile.ts';

const rule = (resource: string, verb = 'get') => ({ verbs: [verb], apiGroups: [''], resources: [resource] });
const role = (rest: object, metadata: object = {}) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r', ...metadata }, ...rest }) as unknown as KubeObject;
const binding = (subjects: readonly object[], name = 'r') => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'b' }, subjects, roleRef: { kind: 'ClusterRole', name } }) as unknown as KubeObject;

test('rules that are missing come back, and those that were added stay', (t) => {
  const live = role({ rules: [rule('pods'), rule('extra')] }, { labels: { own: 'x' }, annotations: { a: 'b' } });
  const wanted = role({ rules: [rule('pods'), rule('nodes')] }, { labels: { l: 'm' } });
  const result = reconciled(live, wanted) as KubeObject & { readonly rules: unknown };
  t.deepEqual(result.rules, [rule('pods'), rule('extra'), rule('nodes')]);
  t.deepEqual([result.metadata.labels, result.metadata.annotations], [{ own: 'x', l: 'm' }, { a: 'b' }]);
});

test('a rule that a wider one covers is not missing', (t) => {
  const live = role({ rules: [rule('*', '*')] });
  t.deepEqual((reconciled(live, role({ rules: [rule('pods')] })) as KubeObject & { readonly rules: unknown }).rules, [rule('*', '*')]);
});

test('the rules of an aggregated role are left to its controller', (t) => {
  const live = role({ rules: [rule('sum')], aggregationRule: {} });
  t.deepEqual((reconciled(live, role({ rules: [rule('first')], aggregationRule: {} })) as KubeObject & { readonly rules: unknown }).rules, [rule('sum')]);
});

test('labels that were changed stay, as do roles that were added to a sum; a role that shall be no sum is none', (t) => {
  const [a, b] = ['a', 'b'].map((part) => ({ matchLabels: { part } }));
  const sum = (...clusterRoleSelectors: readonly unknown[]) => role({ rules: [], aggregationRule: { clusterRoleSelectors } }, { labels: { to: 'true', l: 'm' } });
  const live = role({ rules: [rule('sum')], aggregationRule: { clusterRoleSelectors: [b] } }, { labels: { to: 'false' } });
  const result = reconciled(live, sum(a, b)) as KubeObject & { readonly aggregationRule: unknown };
  t.deepEqual(result.aggregationRule, { clusterRoleSelectors: [b, a] });
  t.deepEqual(result.metadata.labels, { to: 'false', l: 'm' });
  t.false('aggregationRule' in reconciled(live, role({ rules: [rule('pods')] })));
});

test('subjects that are missing come back, and another role needs another binding', (t) => {
  const [ada, bob] = [{ kind: 'User', name: 'ada' }, { kind: 'User', name: 'bob' }];
  t.deepEqual((reconciled(binding([bob]), binding([ada])) as KubeObject & { readonly subjects: unknown }).subjects, [bob, ada]);
  t.true(bindsOtherRole(binding([]), binding([], 'other')));
  t.false(bindsOtherRole(binding([ada]), binding([])));
});

test('admin, edit and view have their rules from the start, and each contains the smaller one', (t) => {
  const objects = bootstrapObjects({ now: '2026-01-01T00:00:00Z', storeId: 's', serviceCidr: '10.96.0.0/16', serviceAddress: '10.96.0.1', advertiseAddress: '127.0.0.1', port: 6443 });
  const rulesOf = (name: string) => (objects.find((o) => o.kind === 'ClusterRole' && o.metadata.name === name)?.['rules'] ?? []) as readonly object[];
  const [admin = [], edit = [], view = []] = ['admin', 'edit', 'view'].map((name) => rulesOf(name).map((r) => JSON.stringify(r)));
  t.true(view.length > 5);
  t.true(view.every((r) => edit.includes(r)) && edit.every((r) => admin.includes(r)));
});
