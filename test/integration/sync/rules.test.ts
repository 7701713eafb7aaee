import test from 'ava';
import type { Application, ApplicationSpec, Project } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PROJECTS, REPOSITORIES, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { type SyncBench, startSyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string, namespace = 'default'): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  value: "${value}"\n`;
const deployment = (replicas?: number): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n${replicas === undefined ? '' : `  replicas: ${replicas}\n`}  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers: [{name: web, image: 'web:1'}]\n`;

/** More applications beside the root one, over the same repository. */
const create = (bench: SyncBench, name: string, spec: Partial<ApplicationSpec>, namespace = 'headway-system'): Promise<Application> =>
  bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace, name }, spec: { repository: 'root', ...spec } });
const change = (bench: SyncBench, name: string, spec: object, namespace = 'headway-system') =>
  bench.client.patch(APPLICATIONS, { namespace, name }, { type: 'merge', body: { spec } });

async function said(bench: SyncBench, name: string, message: RegExp, namespace = 'headway-system'): Promise<string> {
  let last: unknown;
  const found = await waitFor(async () => {
    const { status } = await bench.client.get(APPLICATIONS, { namespace, name });
    last = status?.conditions;
    return status?.conditions?.find((c) => c.type === 'Synced' && message.test(`${c.status} ${c.reason}: ${c.message}`));
  }, { what: `${name}: ${message}`, intervalMs: 5 }).catch((error: Error) => { throw new Error(`${error.message}; its conditions are ${JSON.stringify(last)}`); });
  return found.message;
}
const value = async (bench: SyncBench, name: string, namespace?: string) => (await bench.find(CONFIG_MAPS, name, namespace))?.data?.['value'];

const TWO = { 'apps/root.yaml': config('root', '1'), 'db/db.yaml': config('db', '1'), 'web/web.yaml': config('web', '1') };

test.serial('a closed window holds new commits, and says until when; without it they are applied', async (t) => {
  const bench = await startSyncBench(t, TWO);
  await create(bench, 'web', { path: 'web', syncPolicy: { windows: [{ kind: 'Deny', schedule: '* * * * *', duration: '2m' }] } });
  t.regex(await said(bench, 'web', /^False SyncWindowClosed/), /closed by Deny window "\* \* \* \* \*" \(UTC\) of 2m/);
  t.is(await bench.find(CONFIG_MAPS, 'web'), undefined);
  await change(bench, 'web', { syncPolicy: { windows: [{ kind: 'Allow', schedule: '* * * * *', duration: '2m' }] } });
  await said(bench, 'web', /^True/);
  t.is(await value(bench, 'web'), '1');
});

test.serial('an application waits for another to be synced and healthy, and goes on when it is', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'db/db.yaml': 'apiVersion: v1\nkind: Nonsense\nmetadata: {name: db}\n' });
  await create(bench, 'web', { path: 'web', dependsOn: [{ apiVersion: 'headway.dev/v1', kind: 'Application', name: 'db' }] });
  await said(bench, 'web', /DependencyMissing: Application headway-system\/db: there is no such object/);
  await create(bench, 'db', { path: 'db' });
  await said(bench, 'web', /DependencyNotReady: Application headway-system\/db is not ready: it is not synced: UnknownKind/);
  t.is(await bench.find(CONFIG_MAPS, 'web'), undefined);
  bench.repository.commit({ 'db/db.yaml': config('db', '2'), 'web/web.yaml': config('web', '2') });
  await said(bench, 'web', /^True/);
  t.is(await value(bench, 'web'), '2');
});

test.serial('while it waits, what is applied is kept as it is', async (t) => {
  const bench = await startSyncBench(t, TWO);
  await create(bench, 'web', { path: 'web' });
  await said(bench, 'web', /^True/);
  await change(bench, 'web', { dependsOn: [{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'gate', ready: 'object.data.open == "yes"' }] });
  await said(bench, 'web', /DependencyMissing/);
  await bench.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'gate' }, data: { open: 'no' } });
  await said(bench, 'web', /`object\.data\.open == "yes"` is false/);
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { data: { value: 'drifted' } } }, { fieldManager: 'kubectl' });
  await waitFor(async () => (await value(bench, 'web')) === '1', { what: 'drift healed while the sync waits' });
  bench.repository.commit({ 'web/web.yaml': config('web', '2') });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'gate' }, { type: 'merge', body: { data: { open: 'yes' } } });
  await waitFor(async () => (await value(bench, 'web')) === '2', { what: 'the sync went on' });
  t.regex(await said(bench, 'web', /^True/), /is applied/);
});

test.serial('an expression that does not compile is refused when it is written: with its field, and from Git with file and line', async (t) => {
  const bench = await startSyncBench(t, TWO);
  const refused = await t.throwsAsync(create(bench, 'web', { path: 'web', health: [{ kind: 'Gadget', healthy: 'object.(' }] }));
  t.true(isStatus(refused, 'Invalid') && /spec\.health\[0\]\.healthy: Invalid value: "object\.\(": ERROR/.test(refused.message), refused.message);
  const waiting = 'apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: web, namespace: headway-system}\nspec:\n  repository: root\n  path: web\n  dependsOn:\n  - apiVersion: v1\n    kind: ConfigMap\n    name: gate\n    ready: self.open\n';
  const { status } = await bench.attempted(bench.repository.commit({ 'apps/web.yaml': waiting }));
  t.like(status?.errors?.[0], { path: 'apps/web.yaml', line: 11, reason: 'InvalidObject' });
});

test.serial('a cycle is named in each of its applications, and goes when one is mended', async (t) => {
  const bench = await startSyncBench(t, TWO);
  const on = (name: string) => ({ dependsOn: [{ apiVersion: 'headway.dev/v1', kind: 'Application', name }] });
  await create(bench, 'db', { path: 'db', ...on('web') });
  await create(bench, 'web', { path: 'web', ...on('db') });
  await said(bench, 'db', /DependencyCycle: .*headway-system\/db -> headway-system\/web -> headway-system\/db/);
  await said(bench, 'web', /DependencyCycle: .*headway-system\/web -> headway-system\/db -> headway-system\/web/);
  await change(bench, 'db', { dependsOn: null });
  await Promise.all([said(bench, 'db', /^True/), said(bench, 'web', /^True/)]);
  t.deepEqual([await value(bench, 'db'), await value(bench, 'web')], ['1', '1']);
});

test.serial('fields that Git does not name keep what an autoscaler sets', async (t) => {
  const bench = await startSyncBench(t, { 'apps/web.yaml': deployment() });
  await bench.synced();
  await bench.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 7 } } }, { fieldManager: 'hpa' });
  await bench.synced(bench.repository.commit({ 'apps/web.yaml': deployment().replace('web:1', 'web:2') }));
  const web = await bench.find(DEPLOYMENTS, 'web');
  t.is(web?.spec?.replicas, 7);
  t.is(web?.spec?.template.spec?.containers[0]?.image, 'web:2');
});

test.serial('fields that Git names are left to others by a rule, once the object is made', async (t) => {
  const bench = await startSyncBench(t, { 'apps/root.yaml': config('root', '1'), 'web/web.yaml': deployment(3) });
  await create(bench, 'web', { path: 'web', ignoreDifferences: [{ kind: 'Deployment', jsonPointers: ['/spec/replicas'] }] });
  await said(bench, 'web', /^True/);
  t.is((await bench.find(DEPLOYMENTS, 'web'))?.spec?.replicas, 3);
  await bench.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 7 } } }, { fieldManager: 'hpa' });
  const commit = bench.repository.commit({ 'web/web.yaml': deployment(4).replace('web:1', 'web:2') });
  await said(bench, 'web', new RegExp(`^True Synced: ${commit.slice(0, 12)}`));
  const web = await bench.find(DEPLOYMENTS, 'web');
  t.is(web?.spec?.replicas, 7);
  t.is(web?.spec?.template.spec?.containers[0]?.image, 'web:2');
  t.false(bench.events.some(({ reason }) => reason === 'DriftHealed'));
});

const project = (bench: SyncBench, spec: Project['spec'], namespace = 'headway-system'): Promise<Project> =>
  bench.client.create(PROJECTS, { apiVersion: 'headway.dev/v1', kind: 'Project', metadata: { namespace, name: 'shop' }, spec });

test.serial('a project that is missing holds its applications; what it does not permit is refused with file and line', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'web/role.yaml': '# a role\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: shop}\nrules: []\n' });
  await create(bench, 'web', { path: 'web', project: 'shop' });
  await said(bench, 'web', /ProjectNotFound: Project headway-system\/shop does not exist/);
  await project(bench, { namespaces: ['default'], kinds: ['ConfigMap'] });
  await said(bench, 'web', /NotPermitted: web\/role\.yaml:2: ClusterRole shop: project headway-system\/shop does not permit kind ClusterRole\.rbac\.authorization\.k8s\.io, which is outside of namespaces/);
  t.is(await bench.find(CONFIG_MAPS, 'web'), undefined, 'nothing of the commit is applied');
  await bench.client.patch(PROJECTS, { namespace: 'headway-system', name: 'shop' }, { type: 'merge', body: { spec: { clusterKinds: ['ClusterRole.*'] } } });
  await said(bench, 'web', /^True/);
  await bench.client.patch(PROJECTS, { namespace: 'headway-system', name: 'shop' }, { type: 'merge', body: { spec: { repositories: ['https://*'] } } });
  await said(bench, 'web', /NotPermitted: .*does not permit repository/);
  t.is(await value(bench, 'web'), '1', 'what is applied stays');
});

test.serial('sync acts as the service account of the project, and outside of headway-system as that of the namespace', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'team/one.yaml': config('one', '1', 'team'), 'stolen/one.yaml': config('one', '1', 'kube-system') });
  await bench.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' }, spec: {} });
  for (const name of ['default', 'deployer']) await bench.client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'team', name } });
  await bench.client.create(REPOSITORIES, { apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { namespace: 'team', name: 'root' }, spec: { url: bench.repository.path } });
  await create(bench, 'plain', { path: 'team' }, 'team');
  await said(bench, 'plain', /Forbidden: team\/one\.yaml:1: .*User "system:serviceaccount:team:default" cannot/, 'team');
  await bench.client.create(ROLE_BINDINGS, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { namespace: 'team', name: 'deployer' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'team', name: 'deployer' }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  });
  await project(bench, { serviceAccount: 'team/deployer' }, 'team');
  await change(bench, 'plain', { project: 'shop' }, 'team');
  await said(bench, 'plain', /^True/, 'team');
  t.is(await value(bench, 'one', 'team'), '1');
  await create(bench, 'stolen', { path: 'stolen', project: 'shop' }, 'team');
  await said(bench, 'stolen', /Forbidden: .*User "system:serviceaccount:team:deployer" cannot/, 'team');
});

test.serial('roles of a project become Roles over its applications, and go with them', async (t) => {
  const bench = await startSyncBench(t, TWO);
  const subjects = [{ kind: 'Group', name: 'shop', apiGroup: 'rbac.authorization.k8s.io' }];
  await project(bench, { roles: [{ name: 'dev', access: 'Sync', subjects }] });
  await create(bench, 'web', { path: 'web', project: 'shop' });
  const role = await waitFor(async () => {
    const found = await bench.find(ROLES, 'headway:shop:dev', 'headway-system');
    return found?.rules?.some(({ resources, resourceNames }) => resources?.includes('applications') && resourceNames?.includes('web')) ? found : undefined;
  }, { what: 'the role over the application' });
  t.deepEqual(role.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`), ['Project shop']);
  t.deepEqual((await bench.find(ROLE_BINDINGS, 'headway:shop:dev', 'headway-system'))?.subjects, subjects);
  const dev = bench.clientOf({ name: 'dev', groups: ['shop', 'system:authenticated'] });
  const web = { namespace: 'headway-system', name: 'web' };
  await waitFor(() => dev.patch(APPLICATIONS, web, { type: 'merge', body: { metadata: { annotations: { 'headway.dev/sync': 'now' } } } }), { what: 'the right to ask for a sync' });
  const refused = await t.throwsAsync(dev.patch(APPLICATIONS, web, { type: 'merge', body: { spec: { project: null } } }));
  t.true(isStatus(refused, 'Forbidden') && refused.message.includes('change nothing but annotations'), refused.message);
  t.true(isStatus(await t.throwsAsync(dev.get(APPLICATIONS, { ...web, name: 'root' })), 'Forbidden'), 'other applications are not seen');
  await bench.client.patch(PROJECTS, { namespace: 'headway-system', name: 'shop' }, { type: 'merge', body: { spec: { roles: [] } } });
  await waitFor(async () => (await bench.find(ROLES, 'headway:shop:dev', 'headway-system')) === undefined, { what: 'the role gone' });
});

const child = (path: string, namespace: string): string => `apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: web, namespace: ${namespace}}\nspec: {repository: web, path: ${path}}\n`;
const repository = (url: string, namespace: string): string => `apiVersion: headway.dev/v1\nkind: Repository\nmetadata: {name: web, namespace: ${namespace}}\nspec: {url: ${url}}\n`;

test.serial('an Application and its Repository in Git are made by the root application, and their objects go before it does', async (t) => {
  const bench = await startSyncBench(t, TWO);
  const team = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: team}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: edit, namespace: team}\nsubjects: [{kind: ServiceAccount, name: default, namespace: team}]\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}\n';
  const files = { 'apps/team.yaml': team, 'apps/source.yaml': repository(bench.repository.path, 'team'), 'apps/web.yaml': child('team', 'team'), 'team/one.yaml': config('one', '1', 'team') };
  await bench.synced(bench.repository.commit(files));
  await waitFor(async () => (await value(bench, 'one', 'team')) === '1', { what: 'the object of the child' });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'team', name: 'one' }, { type: 'merge', body: { metadata: { finalizers: ['example.org/hold'] } } });
  const held = await bench.find(CONFIG_MAPS, 'one', 'team');
  await bench.client.delete(APPLICATIONS, { namespace: 'headway-system', name: 'root' });
  await waitFor(async () => (await bench.find(APPLICATIONS, 'web', 'team')) === undefined && (await bench.find(APPLICATIONS, 'root', 'headway-system')) === undefined, { what: 'both Applications gone' });
  t.truthy((await bench.find(CONFIG_MAPS, 'one', 'team'))?.metadata.deletionTimestamp, 'the child could still delete its object, with the rights that the parent gave');
  t.is((await bench.find(CONFIG_MAPS, 'one', 'team'))?.metadata.uid, held?.metadata.uid);
});

test.serial('a parent waits for its Applications', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'apps/web.yaml': child('web', 'default'), 'apps/source.yaml': repository('/nowhere', 'default') });
  await bench.synced();
  await bench.client.patch(APPLICATIONS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { finalizers: ['example.org/hold'] } } });
  await bench.client.delete(APPLICATIONS, { namespace: 'headway-system', name: 'root' });
  await said(bench, 'root', /False Deleting: waits until its Applications are gone: web/);
  t.is(await value(bench, 'root'), '1', 'what the child may need is still there');
  await bench.client.patch(APPLICATIONS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await waitFor(async () => (await bench.find(APPLICATIONS, 'root', 'headway-system')) === undefined, { what: 'the parent gone' });
  t.is(await bench.find(CONFIG_MAPS, 'root'), undefined);
});
