import test from 'ava';
import type { ClusterRole } from '#api/generated/rbac/v1.ts';
import { aggregatedRules } from '#controllers/cluster-role-aggregation/plan.ts';

const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] });
const role = (name: string, resources: readonly string[], rest: Partial<ClusterRole> = {}): ClusterRole =>
  ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, labels: { part: 'x' } }, rules: resources.map(rule), ...rest });
const sum = role('sum', ['stale'], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'x' } }] } });

test('a sum has the rules of all roles with its labels, by name, each once, and never its own', (t) => {
  const others = [role('b', ['pods', 'secrets']), role('a', ['pods']), role('c', ['nodes'], { metadata: { name: 'c', labels: { part: 'y' } } })];
  t.deepEqual(aggregatedRules(sum, [sum, ...others]), [rule('pods'), rule('secrets')]);
});

test('the selectors of a sum are followed in their order', (t) => {
  const [x, y] = ['x', 'y'].map((part) => ({ matchLabels: { part } }));
  const others = [role('a', ['pods']), role('b', ['nodes'], { metadata: { name: 'b', labels: { part: 'y' } } }), role('c', ['secrets'], { metadata: { name: 'c', labels: { part: 'y' } } })];
  t.deepEqual(aggregatedRules({ ...sum, aggregationRule: { clusterRoleSelectors: [y!, x!] } }, [sum, ...others]), [rule('nodes'), rule('secrets'), rule('pods')]);
});

test('a sum of a sum takes what that one holds', (t) => {
  const inner = role('inner', ['pods'], { aggregationRule: { clusterRoleSelectors: [] } });
  t.deepEqual(aggregatedRules(sum, [sum, inner]), [rule('pods')]);
});

test('without selectors there are no rules', (t) => {
  t.deepEqual(aggregatedRules({ ...sum, aggregationRule: {} }, [sum, role('a', ['pods'])]), []);
});
