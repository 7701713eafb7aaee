import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { RenderSpec } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, JOBS, SERVICES } from '#api/resources.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { endJob } from '#test/support/jobs.ts';
import { GITOPS } from '#test/support/render-bench.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

/** The files of testdata/gitops below `apps/`. */
function filesBelow(folder: string, prefix: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile()).map((name) => [`${prefix}/${name}`, readFileSync(join(folder, name), 'utf8')]));
}
const FILES = filesBelow(GITOPS, 'gitops');
const IN_OVERLAY = { 'apps/kustomization.yaml': 'resources:\n- ../gitops/overlays/prod\n' };
const CHART = Object.fromEntries(Object.entries(filesBelow(join(GITOPS, 'chart'), 'apps')).map(([path, text]) => [path, text.replace('file://../lib', 'file://../gitops/lib')]));

const renderDir = temporaryDirectory('headway-render');
test.before(async (t) => {
  t.timeout(120_000);
  await new RenderTools({ unpackTo: join(renderDir, 'tools') }).find('helm');
});
test.after.always(() => rmSync(renderDir, { recursive: true, force: true }));

const start = (t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<SyncBench> => startSyncBench(t, files, { renderDir });

async function setRender(bench: SyncBench, render: RenderSpec): Promise<void> {
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { render } } });
}

test.serial('a Kustomize folder is detected and applied; a commit to its base writes only what came out otherwise', async (t) => {
  const bench = await start(t, { ...FILES, ...IN_OVERLAY });
  const first = await bench.synced();
  t.deepEqual(first.status?.inventory?.map(({ kind, path }) => `${kind} ${path}`).sort(), ['ConfigMap gitops/base/kustomization.yaml', 'Deployment gitops/base/deployment.yaml', 'Service gitops/components/debug/service.yaml']);
  const head = bench.repository.git('rev-parse', 'HEAD');
  const service = await bench.find(SERVICES, 'prod-web');
  t.like(service?.metadata.annotations, { 'headway.dev/commit': head, 'headway.dev/path': 'gitops/components/debug/service.yaml' });
  const commit = bench.repository.commit({ 'gitops/base/deployment.yaml': (FILES['gitops/base/deployment.yaml'] ?? '').replace('web:1', 'web:2') });
  await bench.synced(commit);
  const deployment = await bench.find(DEPLOYMENTS, 'prod-web');
  t.is(deployment?.spec?.template.spec?.containers[0]?.image, 'web:2');
  t.is(deployment?.metadata.annotations?.['headway.dev/commit'], commit);
  t.is((await bench.find(SERVICES, 'prod-web'))?.metadata.resourceVersion, service?.metadata.resourceVersion);
});

test.serial('drift of a rendered object is healed, and a deleted one made again', async (t) => {
  const bench = await start(t, { ...FILES, ...IN_OVERLAY });
  await bench.synced();
  const target = { namespace: 'default', name: 'prod-web' };
  await bench.client.patch(DEPLOYMENTS, target, { type: 'merge', body: { spec: { replicas: 9 } } }, { fieldManager: 'kubectl-scale' });
  await waitFor(async () => (await bench.find(DEPLOYMENTS, 'prod-web'))?.spec?.replicas === 3, { what: 'replicas healed' });
  await waitFor(() => bench.events.some(({ reason, message }) => reason === 'DriftHealed' && message.includes('gitops/base/deployment.yaml:2')), { what: 'the Event' });
  await bench.client.delete(SERVICES, target);
  t.truthy(await waitFor(() => bench.find(SERVICES, 'prod-web'), { what: 'the service made again' }));
});

test.serial('an invalid field of a rendered object is told with the file and line that it comes from; the last good state stays', async (t) => {
  const bench = await start(t, { ...FILES, ...IN_OVERLAY });
  await bench.synced();
  const { status } = await bench.attempted(bench.repository.commit({ 'gitops/base/deployment.yaml': (FILES['gitops/base/deployment.yaml'] ?? '').replace('image: web:1', 'image: web:1\n        imagePullPolicy: Often') }));
  t.like(status?.errors?.[0], { path: 'gitops/base/deployment.yaml', line: 17, reason: 'InvalidObject' }, JSON.stringify(status?.errors));
  t.is((await bench.find(DEPLOYMENTS, 'prod-web'))?.spec?.template.spec?.containers[0]?.image, 'web:1');
});

test.serial('a chart is applied with the values of files and spec; from plain and back prunes what is no longer declared', async (t) => {
  const bench = await start(t, { ...FILES, ...CHART });
  const first = await bench.synced();
  t.deepEqual(first.status?.inventory?.map(({ kind, name }) => `${kind} ${name}`).sort(), ['ConfigMap root-settings', 'CustomResourceDefinition gadgets.example.org', 'Deployment root-web', 'ServiceAccount root-lib']);
  await setRender(bench, { helm: { valueFiles: ['../gitops/values/prod.yaml'], values: { replicas: 4 } } });
  await waitFor(async () => (await bench.find(DEPLOYMENTS, 'root-web'))?.spec?.replicas === 4, { what: 'the values' });
  t.is((await bench.find(CONFIG_MAPS, 'root-settings'))?.data?.['color'], 'green');
  await setRender(bench, { helm: null } as unknown as RenderSpec);
  const removed = Object.fromEntries(Object.keys(CHART).map((path) => [path, null]));
  await bench.synced(bench.repository.commit({ ...removed, 'apps/only.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: only}\n' }));
  await waitFor(async () => (await bench.find(DEPLOYMENTS, 'root-web')) === undefined, { what: 'the chart pruned' });
  t.truthy(await bench.find(CONFIG_MAPS, 'only'));
});

test.serial('a broken template is refused by name, and nothing of the commit is applied; a hook of a chart runs before it', async (t) => {
  const bench = await start(t, { ...FILES, ...CHART });
  await bench.synced();
  const broken = await bench.attempted(bench.repository.commit({ 'apps/templates/settings.yaml': FILES['gitops/broken/templates/config.yaml'] ?? '', 'apps/values.yaml': 'replicas: 6\n' }));
  t.like(broken.status?.errors?.[0], { path: 'apps/templates/settings.yaml', line: 6, reason: 'TemplateFailed' }, JSON.stringify(broken.status?.errors));
  bench.repository.git('reset', '--hard', '--quiet', 'HEAD~1');
  const hooked = bench.repository.commit({ 'apps/templates/migrate.yaml': FILES['gitops/hooked/templates/migrate.yaml'] ?? '', 'apps/values.yaml': 'replicas: 6\n' });
  await waitFor(() => bench.find(JOBS, 'root-migrate'), { what: 'the hook' });
  t.is((await bench.find(DEPLOYMENTS, 'root-web'))?.spec?.replicas, 1);
  await endJob(bench.client, 'root-migrate', 'Complete');
  await bench.synced(hooked);
  t.is((await bench.find(DEPLOYMENTS, 'root-web'))?.spec?.replicas, 6);
});

test.serial('variables are put into plain files', async (t) => {
  const bench = await start(t, { 'apps/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  color: ${COLOR:-red}\n' });
  await bench.synced();
  t.is((await bench.find(CONFIG_MAPS, 'a'))?.data?.['color'], '${COLOR:-red}');
  await setRender(bench, { variables: { COLOR: 'blue' } });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'a'))?.data?.['color'] === 'blue', { what: 'the variable' });
});

test.serial('after a restart nothing that is applied is written again, and each object keeps its commit', async (t) => {
  const bench = await start(t, { ...FILES, ...IN_OVERLAY });
  await bench.synced();
  await bench.synced(bench.repository.commit({ 'gitops/base/deployment.yaml': (FILES['gitops/base/deployment.yaml'] ?? '').replace('web:1', 'web:2') }));
  const versions = async (): Promise<unknown> => Promise.all([bench.find(SERVICES, 'prod-web'), bench.find(DEPLOYMENTS, 'prod-web')]).then((found) => found.map((object) => object?.metadata.resourceVersion));
  const before = await versions();
  const { lastSyncTime } = (await bench.application()).status ?? {};
  // Times are told in seconds: a sync in the same one could not be told from the last.
  await waitFor(() => Date.now() - Date.parse(lastSyncTime ?? '') > 1000, { what: 'the next second' });
  await bench.restart();
  await waitFor(async () => (await bench.application()).status?.lastSyncTime !== lastSyncTime, { what: 'another sync' });
  t.deepEqual(await versions(), before);
});
