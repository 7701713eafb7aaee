import test from 'ava';
import type { Application, InventoryEntry, Project, ProjectSpec } from '#api/headway/v1/types.ts';
import { actingUser } from '#sync/policy/acting-user.ts';
import { planRoles } from '#sync/policy/project-roles.ts';
import { projectRefusals } from '#sync/policy/project-rules.ts';

const URL = 'https://git.example.org/shop/web.git';
const entry = (kind: string, group: string, namespace?: string): InventoryEntry => ({ group, version: 'v1', kind, name: 'web', path: `${kind}.yaml`, ...(namespace ? { namespace } : {}) });
const DEPLOYMENT = entry('Deployment', 'apps', 'shop');
const SECRET = entry('Secret', '', 'shop');
const ROLE = entry('ClusterRole', 'rbac.authorization.k8s.io');

function refusals(spec: ProjectSpec, entries: readonly InventoryEntry[], repositoryUrl = URL): readonly string[] {
  return projectRefusals({ project: 'teams/shop', spec, repositoryUrl, objects: entries.map((one) => ({ entry: one, line: 3 })) }).map(({ path, line, message }) => (path === '' ? message : `${path}:${line}: ${message}`));
}

for (const { name, spec, entries = [DEPLOYMENT], refused } of [
  { name: 'an empty project permits all in namespaces', spec: {}, refused: [] },
  { name: 'and nothing outside of them', spec: {}, entries: [DEPLOYMENT, ROLE], refused: ['ClusterRole.yaml:3: project teams/shop does not permit kind ClusterRole.rbac.authorization.k8s.io, which is outside of namespaces'] },
  { name: 'kinds outside of namespaces by pattern', spec: { clusterKinds: ['*.rbac.authorization.k8s.io'] }, entries: [ROLE], refused: [] },
  { name: 'namespaces', spec: { namespaces: ['default', 'shop-*'] }, refused: ['Deployment.yaml:3: project teams/shop does not permit namespace shop'] },
  { name: 'namespaces by pattern', spec: { namespaces: ['sh*'] }, refused: [] },
  { name: 'namespaces but some', spec: { namespaces: ['*', '!shop'] }, refused: ['Deployment.yaml:3: project teams/shop does not permit namespace shop'] },
  { name: 'all but some', spec: { namespaces: ['!kube-*'] }, refused: [] },
  { name: 'kinds', spec: { kinds: ['*.apps', 'ConfigMap'] }, entries: [DEPLOYMENT, SECRET], refused: ['Secret.yaml:3: project teams/shop does not permit kind Secret'] },
  { name: 'a kind of core by its name alone', spec: { kinds: ['Secret'] }, entries: [SECRET], refused: [] },
  { name: 'no kind at all', spec: { kinds: ['!*'] }, refused: ['Deployment.yaml:3: project teams/shop does not permit kind Deployment.apps'] },
  { name: 'repositories', spec: { repositories: ['https://git.example.org/shop/*'] }, refused: [] },
  { name: 'repositories with or without .git', spec: { repositories: ['https://git.example.org/shop/web/'] }, refused: [] },
  { name: 'other repositories', spec: { repositories: ['https://git.example.org/ops/*', '!https://git.example.org/shop/*'] }, refused: [`project teams/shop does not permit repository ${URL}`] },
] as const) {
  test(`a project permits: ${name}`, (t) => t.deepEqual(refusals(spec, entries), refused));
}

const application = (namespace: string): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace, name: 'web' }, spec: { repository: 'web' } });
const project = (spec: ProjectSpec): Project => ({ apiVersion: 'headway.dev/v1', kind: 'Project', metadata: { namespace: 'teams', name: 'shop', uid: 'u' }, spec });

for (const { namespace, spec, user } of [
  { namespace: 'headway-system', spec: undefined, user: undefined },
  { namespace: 'headway-system', spec: {}, user: undefined },
  { namespace: 'headway-system', spec: { serviceAccount: 'shop/deployer' }, user: 'system:serviceaccount:shop:deployer' },
  { namespace: 'teams', spec: undefined, user: 'system:serviceaccount:teams:default' },
  { namespace: 'teams', spec: {}, user: 'system:serviceaccount:teams:default' },
  { namespace: 'teams', spec: { serviceAccount: 'teams/deployer' }, user: 'system:serviceaccount:teams:deployer' },
]) {
  test(`in ${namespace}, with project ${JSON.stringify(spec)}, sync acts as ${user ?? 'itself'}`, (t) => t.is(actingUser(application(namespace), spec && project(spec)), user));
}

test('roles of a project name its applications and records, and are owned by it', (t) => {
  const subjects = [{ kind: 'Group', name: 'shop', apiGroup: 'rbac.authorization.k8s.io' }];
  const { roles, bindings } = planRoles(project({ roles: [{ name: 'dev', access: 'Sync', subjects }, { name: 'lead', access: 'Admin', subjects }] }), { applications: ['web', 'api'], syncs: [] });
  t.deepEqual(roles.map(({ metadata, rules }) => [metadata.namespace, metadata.name, rules]), [
    ['teams', 'headway:shop:dev', [{ apiGroups: ['headway.dev'], resources: ['applications'], verbs: ['get', 'list', 'watch', 'patch'], resourceNames: ['api', 'web'] }]],
    ['teams', 'headway:shop:lead', [{ apiGroups: ['headway.dev'], resources: ['applications'], verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'], resourceNames: ['api', 'web'] }]],
  ]);
  t.true([...roles, ...bindings].every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === 'u'));
  t.like(bindings[0], { roleRef: { kind: 'Role', name: 'headway:shop:dev' }, subjects });
});

test('a role over nothing has no rule: one without names would be over everything', (t) => {
  const { roles } = planRoles(project({ roles: [{ name: 'dev', access: 'Admin', subjects: [] }] }), { applications: [], syncs: [] });
  t.deepEqual(roles[0]?.rules, []);
});
