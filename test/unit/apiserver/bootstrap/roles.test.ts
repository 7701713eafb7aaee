import test from 'ava';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ADDED_NODE_RULES } from '#apiserver/authz/node-rules.ts';
import { ADDED_CONTROLLER_RULES } from '#apiserver/bootstrap/controller-roles.ts';
import { bootstrapObjects } from '#apiserver/bootstrap/objects.ts';
import { KUBERNETES_CONTROLLER_ROLES } from './kubernetes-controller-roles.ts';
import { KUBERNETES_CLUSTER_ROLE_BINDINGS, KUBERNETES_CLUSTER_ROLES, KUBERNETES_NAMESPACE_ROLES, KUBERNETES_ROLE_BINDINGS } from './kubernetes-roles.ts';

const VERBS: Readonly<Record<string, string>> = { read: 'get,list,watch', write: 'create,delete,deletecollection,patch,update', rw: 'get,list,watch,create,delete,deletecollection,patch,update' };
const CONTROLLER = 'system:controller:';
const HEADWAY = 'headway.dev';

interface Expected {
  readonly name: string;
  readonly aggregatedTo: string | undefined;
  readonly rules: readonly PolicyRule[];
}

/** The roles of one of the tables. */
const expectedRoles = (table: string, prefix = ''): readonly Expected[] => table.trim().split(/\n(?! )/).map((block) => {
  const [head = '', ...lines] = block.split('\n');
  const [name = '', label] = head.split(' +');
  return { name: prefix + name, aggregatedTo: label, rules: lines.map((line) => ruleOf(line.trim())) };
});

function ruleOf(line: string): PolicyRule {
  const [verbs = '', groups = '', resources = '', names] = (line === 'events' ? 'create,update,patch core,events.k8s.io events' : line).split(' ');
  const list = { verbs: (VERBS[verbs] ?? verbs).split(',') };
  if (groups === 'url') return { ...list, nonResourceURLs: resources.split(',') };
  return { ...list, apiGroups: groups.split(',').map((group) => (group === 'core' ? '' : group)), resources: resources.split(','), ...(names ? { resourceNames: names.split(',') } : {}) };
}

/** Each single right that rules give: how they are cut into rules says nothing. */
const rightsOf = (rules: readonly PolicyRule[]): readonly string[] => [...new Set(rules.flatMap(({ verbs = [], apiGroups = [], resources = [], resourceNames = [''], nonResourceURLs = [] }) => verbs.flatMap((verb) => [
  ...nonResourceURLs.map((url) => `${verb} ${url}`),
  ...apiGroups.flatMap((group) => resources.flatMap((resource) => resourceNames.map((name) => `${verb} ${group}/${resource}/${name}`))),
])))].toSorted();

const objects = bootstrapObjects({ now: '', storeId: '', serviceCidr: '10.96.0.0/16', serviceAddress: '10.96.0.1', advertiseAddress: '127.0.0.1', port: 6443 }) as unknown as readonly KubeObject[];
const named = <T>(kind: string): ReadonlyMap<string, T & KubeObject> =>
  new Map(objects.filter((object) => object.kind === kind).map((object) => [[object.metadata.namespace, object.metadata.name].filter(Boolean).join('/'), object as T & KubeObject]));
const subjectText = ({ kind, name }: Subject): string => `${kind === 'ServiceAccount' ? 'account' : kind?.toLowerCase()}:${name}`;
const roles = named<ClusterRole>('ClusterRole');
const ADDED: Readonly<Record<string, readonly PolicyRule[]>> = { 'system:node': ADDED_NODE_RULES, ...Object.fromEntries(Object.entries(ADDED_CONTROLLER_RULES).map(([name, rules]) => [CONTROLLER + name, rules])) };
const isHeadways = ({ apiGroups = [] }: PolicyRule): boolean => apiGroups.includes(HEADWAY);

for (const { name, aggregatedTo, rules } of [...expectedRoles(KUBERNETES_CLUSTER_ROLES), ...expectedRoles(KUBERNETES_CONTROLLER_ROLES, CONTROLLER)]) {
  test(`${name} has the rights that it has in Kubernetes`, (t) => {
    const role = roles.get(name);
    t.truthy(role);
    const own = role?.aggregationRule ? [] : (role?.rules ?? []).filter((rule) => !isHeadways(rule));
    t.deepEqual(rightsOf(own), rightsOf([...rules, ...(ADDED[name] ?? []).filter((rule) => !isHeadways(rule))]));
    t.deepEqual(role?.metadata.labels, { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...(aggregatedTo ? { [`rbac.authorization.k8s.io/aggregate-to-${aggregatedTo}`]: 'true' } : {}) });
    t.deepEqual(role?.metadata.annotations, { 'rbac.authorization.kubernetes.io/autoupdate': 'true' });
  });
}

test('three roles are sums of others', (t) => {
  for (const name of ['admin', 'edit', 'view']) {
    t.deepEqual(roles.get(name)?.aggregationRule?.clusterRoleSelectors, [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' } }]);
  }
});

test('those who hold a role of the cluster are those of Kubernetes, and each controller holds its own', (t) => {
  const held = [...named<ClusterRoleBinding>('ClusterRoleBinding').values()].filter(({ metadata }) => !metadata.name.startsWith('headway:'));
  const controllers = [...roles.keys()].filter((name) => name.startsWith(CONTROLLER)).map((name) => [name, [`account:${name.slice(CONTROLLER.length)}`]]);
  t.deepEqual(Object.fromEntries(held.map(({ metadata, subjects = [] }) => [metadata.name, subjects.map(subjectText)])), {
    ...KUBERNETES_CLUSTER_ROLE_BINDINGS, ...Object.fromEntries(controllers),
  });
  t.true(held.every(({ metadata, roleRef }) => roleRef.name === metadata.name));
});

test('the roles of its own namespaces, and those who hold them, are Kubernetes\'', (t) => {
  const own = [...named<Role>('Role')].map(([name, { rules = [] }]) => [name, rightsOf(rules)]);
  t.deepEqual(Object.fromEntries(own), Object.fromEntries(expectedRoles(KUBERNETES_NAMESPACE_ROLES).map(({ name, rules }) => [name, rightsOf(rules)])));
  t.deepEqual(Object.fromEntries([...named<RoleBinding>('RoleBinding')].map(([name, { roleRef, subjects = [] }]) => [name, [roleRef.name, ...subjects.map(subjectText)]])), KUBERNETES_ROLE_BINDINGS);
});
