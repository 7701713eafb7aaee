import { join } from 'node:path';
import test from 'ava';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS } from '#api/resources.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
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

const FILES = { 'apps/web.yaml': deploymentYaml('web'), 'apps/config.yaml': configMapYaml('config', 'one'), 'apps/old.yaml': configMapYaml('old', 'x') };

/** From the commit that is synced to another. */
async function planAgainst(bench: SyncBench, client: Client, [base, head]: readonly [string, string]): Promise<ChangePlan> {
  const repository = await GitRepository.open({ gitDir: join(bench.repository.path, '.git'), gitBinary: 'git' });
  const { signal } = new AbortController();
  try {
    return await planChange({
      repository, base: { ref: 'main', commit: base }, head: { ref: 'change', commit: head }, path: 'apps', policies: 'policies', isStrict: false, here: { urls: [bench.repository.path], branch: 'main' }, signal,
      units: new UnitRendering({ workDir: bench.repository.path, tools: new RenderTools({}), pool: new WorkerPool(), cluster: offlineCapabilities }), expand: () => Promise.resolve({ applications: [] }),
      live: { definitions: (await client.list(CUSTOM_RESOURCE_DEFINITIONS)).items, refine: (compared) => againstLive(compared, { client, signal }) },
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
  await bench.client.patch((await import('#api/resources.ts')).APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { syncPolicy: { selfHeal: 'Off' } } } });
  await bench.synced();
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'config' }, { type: 'merge', body: { data: { value: 'by hand' } } });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'old' }, { type: 'merge', body: { metadata: { labels: { 'headway.dev/application': null } } } });
  const plan = await planAgainst(bench, bench.client, branch(bench, { 'apps/config.yaml': configMapYaml('config', 'two'), 'apps/old.yaml': null }));
  t.deepEqual(outline(plan), { 'headway-system/root': ['update ConfigMap default/config', 'keep ConfigMap default/old'] });
  t.true(plan.applications[0]?.objects[0]?.hasDrifted);
  t.deepEqual(plan.applications[0]?.objects[0]?.patch, [{ op: 'replace', path: '/data/value', value: 'two' }]);
  t.regex(plan.applications[0]?.objects[0]?.diff ?? '', /-\s+value: by hand\n\+\s+value: two/);
});

test('what the server refuses has its file and line, also what the caller may not do', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const commits = branch(bench, { 'apps/web.yaml': deploymentYaml('web').replace('matchLabels: {app: web}', 'matchLabels: {app: other}').replace('labels: {app: web}', 'labels: {app: other}') });
  const plan = await planAgainst(bench, bench.client, commits);
  t.regex(plan.applications[0]?.errors.map(({ path, line, message }) => `${path}:${line} ${message}`).join() ?? '', /^apps\/web.yaml:7 spec.selector: .*immutable/);
});
