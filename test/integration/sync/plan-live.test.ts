import { join } from 'node:path';
import test from 'ava';
import { APPLICATIONS, CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import type { ChangePlan } from '#sync/offline/change-plan.ts';
import { againstLive } from '#sync/offline/live-states.ts';
import { planChange } from '#sync/offline/plan-change.ts';
import { offlineCapabilities } from '#sync/render/cluster-capabilities.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { UnitRendering } from '#sync/render/unit-rendering.ts';
import { WorkerPool } from '#sync/render/worker/worker-pool.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { configMapYaml, deploymentYaml, outline } from '#test/support/plan-bench.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const FILES = { 'apps/web.yaml': deploymentYaml('web'), 'apps/config.yaml': configMapYaml('config', 'one'), 'apps/old.yaml': configMapYaml('old', 'x') };

/** From the commit that is synced to another. */
async function planAgainst(bench: SyncBench, client: Client, [base, head]: readonly [string, string]): Promise<ChangePlan> {
  const repository = await GitRepository.open({ gitDir: join(bench.repository.path, '.git'), gitBinary: 'git' });
  const { signal } = new AbortController();
  const definitions = (await client.list(CUSTOM_RESOURCE_DEFINITIONS)).items;
  const served = new Set(definitions.map(({ metadata }) => metadata.name));
  try {
    return await planChange({
      repository, base: { ref: 'main', commit: base }, head: { ref: 'change', commit: head }, path: 'apps', policies: 'policies', isStrict: false, here: { urls: [bench.repository.path], branch: 'main' }, signal,
      units: new UnitRendering({ workDir: bench.repository.path, tools: new RenderTools({}), pool: new WorkerPool(), cluster: offlineCapabilities }), expand: () => Promise.resolve({ applications: [], problems: [] }),
      live: { definitions, refine: (compared) => againstLive(compared, { client, served, signal }) },
    });
  } finally {
    repository.close();
  }
}

/** A commit that is not on the branch that the cluster follows. */
function branch(bench: SyncBench, files: Readonly<Record<string, string | null>>): readonly [string, string] {
  const base = bench.repository.git('rev-parse', 'HEAD');
  bench.repository.git('checkout', '--quiet', '-b', 'change');
  const head = bench.repository.commit(files);
  bench.repository.git('checkout', '--quiet', 'main');
  return [base, head];
}

test('against a cluster, its own state and its own answer count, and nothing is written', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const before = await bench.find(DEPLOYMENTS, 'web');
  const plan = await planAgainst(bench, bench.client, branch(bench, { 'apps/web.yaml': deploymentYaml('web', { image: 'example.org/web:2' }), 'apps/old.yaml': null, 'apps/new.yaml': configMapYaml('new', 'x') }));
  t.is(plan.against, 'live');
  t.deepEqual(outline(plan), { 'headway-system/root': ['create ConfigMap default/new', 'update Deployment default/web', 'prune ConfigMap default/old'] });
  t.deepEqual(plan.applications[0]?.objects.map(({ hasDrifted }) => hasDrifted), [false, false, false]);
  t.deepEqual(plan.applications[0]?.objects[1]?.patch.map(({ path }) => path), ['/spec/template/spec/containers/0/image']);
  t.is((await bench.find(DEPLOYMENTS, 'web'))?.metadata.resourceVersion, before?.metadata.resourceVersion);
  t.is(await bench.find(CONFIG_MAPS, 'new'), undefined);
});

test('what others changed is marked, and what they took away or made theirs is not pruned', async (t) => {
  const bench = await startSyncBench(t, FILES);
  const { metadata: { generation } } = await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { syncPolicy: { selfHeal: 'Report' } } } });
  await waitFor(async () => (await bench.synced()).status?.observedGeneration === generation, { what: 'sync to leave drift alone' });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'config' }, { type: 'merge', body: { data: { value: 'by hand' } } });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'old' }, { type: 'merge', body: { metadata: { labels: { 'headway.dev/application': null } } } });
  const plan = await planAgainst(bench, bench.client, branch(bench, { 'apps/config.yaml': configMapYaml('config', 'two'), 'apps/old.yaml': null }));
  t.deepEqual(outline(plan), { 'headway-system/root': ['update ConfigMap default/config', 'keep ConfigMap default/old'] });
  t.true(plan.applications[0]?.objects[0]?.hasDrifted);
  t.deepEqual(plan.applications[0]?.objects[0]?.patch, [{ op: 'replace', path: '/data/value', value: 'two' }]);
  t.regex(plan.applications[0]?.objects[0]?.diff ?? '', /-\s+value: by hand\n\+\s+value: two/);
});

test('what the server refuses has its file and line', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const commits = branch(bench, { 'apps/web.yaml': deploymentYaml('web').replace('matchLabels: {app: web}', 'matchLabels: {app: other}').replace('labels: {app: web}', 'labels: {app: other}') });
  const plan = await planAgainst(bench, bench.client, commits);
  t.regex(plan.applications[0]?.errors.map(({ path, line, message }) => `${path}:${line} ${message}`).join() ?? '', /^apps\/web.yaml:7 spec.selector: .*immutable/);
});

test('a caller with few rights is told what it may not do, at the object', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const rules = [
    { apiGroups: ['headway.dev'], resources: ['transactions'], verbs: ['create'] }, { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch', 'create'] },
  ];
  await bench.client.create(CLUSTER_ROLES, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'planner' }, rules } as never);
  await bench.client.create(CLUSTER_ROLE_BINDINGS, {
    apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'planner' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'planner' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'eve' }],
  } as never);
  const commits = branch(bench, { 'apps/config.yaml': configMapYaml('config', 'two'), 'apps/web.yaml': deploymentYaml('web', { image: 'example.org/web:2' }) });
  const plan = await planAgainst(bench, bench.clientOf({ name: 'eve', groups: ['system:authenticated'] }), commits);
  const errors = plan.applications[0]?.errors ?? [];
  t.deepEqual(errors.map(({ path, reason }) => `${path} ${reason}`), ['apps/web.yaml Forbidden']);
});

test('custom objects that come with their definition are judged by Git alone', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}}]
`;
  const plan = await planAgainst(bench, bench.client, branch(bench, { 'apps/definition.yaml': definition, 'apps/widget.yaml': 'apiVersion: example.org/v1\nkind: Widget\nmetadata: {name: one}\nsize: 1\n' }));
  t.deepEqual(plan.applications[0]?.errors, []);
  t.deepEqual(outline(plan), { 'headway-system/root': ['create CustomResourceDefinition widgets.example.org', 'create Widget default/one'] });
});
