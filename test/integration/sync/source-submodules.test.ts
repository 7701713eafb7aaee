import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, PROJECTS } from '#api/resources.ts';
import { ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { type ServedRepository, startGitServer } from '#test/support/git-server.ts';
import { config, startRemoteSyncBench, TARGET } from '#test/support/remote-sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

/** Commits that the path is a submodule at this commit; `git add` would take it away again. */
function setSubmodule({ clone, push }: ServedRepository, { path, url, commit }: { readonly path: string; readonly url: string; readonly commit: string }): string {
  const modules = `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`;
  clone.git('-c', `alias.modules=!printf '%b' "$1" > .gitmodules && git add .gitmodules #`, 'modules', modules);
  clone.git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`);
  clone.git('commit', '--quiet', '--message', `${path} at ${commit}`);
  push('HEAD:main');
  return clone.git('rev-parse', 'HEAD');
}

test('submodules are read as folders, nested ones too, and move with the commit that names them', async (t) => {
  t.timeout(180_000);
  const bench = await startRemoteSyncBench(t, { pollInterval: '1s', submodules: true });
  const { server, served } = bench;
  const [lib, deep] = [await server.create('lib'), await server.create('deep')];
  const elsewhere = await startGitServer(t);
  const open = await elsewhere.create('open');
  const synced = (revision: string) => waitFor(async () => {
    const application = await bench.application();
    return application.status?.syncedRevision === revision && application;
  }, { what: `${revision} to be synced`, timeoutMs: 60_000 });
  deep.commit({ 'deep.yaml': config('deep', '1') });
  lib.commit({ 'lib.yaml': config('lib', '1') });
  const libHead = setSubmodule(lib, { path: 'nested', url: '../deep.git', commit: deep.clone.git('rev-parse', 'HEAD') });
  const first = setSubmodule(served, { path: 'apps/lib', url: '../lib.git', commit: libHead });
  const { status } = await synced(first);
  t.deepEqual(status?.inventory?.map(({ path }) => path).toSorted(), ['apps/lib/lib.yaml', 'apps/lib/nested/deep.yaml', 'apps/one.yaml']);
  t.like((await bench.find(CONFIG_MAPS, 'deep'))?.metadata.annotations, { 'headway.dev/commit': first });

  const before = (await bench.find(CONFIG_MAPS, 'deep'))?.metadata.resourceVersion;
  await bench.restart();
  served.clone.git('commit', '--quiet', '--allow-empty', '--message=other');
  served.push('HEAD:main');
  await synced(served.clone.git('rev-parse', 'HEAD'));
  t.is((await bench.find(CONFIG_MAPS, 'deep'))?.metadata.resourceVersion, before, 'a restart and a commit elsewhere wrote nothing');
  lib.clone.git('rm', '--quiet', '--cached', 'nested', '.gitmodules');
  const moved = setSubmodule(served, { path: 'apps/lib', url: '../lib.git', commit: lib.commit({ 'lib.yaml': config('lib', '2'), 'nested/deep.yaml': config('deep', '1') }) });
  await synced(moved);
  t.deepEqual((await bench.find(CONFIG_MAPS, 'lib'))?.data, { value: '2' });

  // Another host is not shown the credentials; its certificate is not one of the authority that was given for this one.
  setSubmodule(served, { path: 'apps/lib', url: open.url, commit: open.commit({ 'open.yaml': config('open', '1') }) });
  const refused = await bench.ready('CertificateRefused');
  t.regex(refused.status?.conditions?.[0]?.message ?? '', /^submodule apps\/lib: .*stays in force$/s);
  t.is(refused.status?.revision, moved);
});

test('a project must permit the repositories of submodules; without spec.submodules they are refused by name', async (t) => {
  t.timeout(120_000);
  const bench = await startRemoteSyncBench(t, { pollInterval: '1s' });
  const { server, served } = bench;
  const lib = await server.create('lib');
  const head = setSubmodule(served, { path: 'apps/lib', url: '../lib.git', commit: lib.commit({ 'lib.yaml': config('lib', '1') }) });
  t.like((await bench.attempted(head)).status?.errors?.[0], { path: 'apps/lib', reason: 'UnsupportedSubmodule' });
  await bench.client.create(PROJECTS, { apiVersion: 'headway.dev/v1', kind: 'Project', metadata: { namespace: ROOT_NAMESPACE, name: 'shop' }, spec: { repositories: [served.url] } });
  await bench.client.patch(APPLICATIONS, TARGET, { type: 'merge', body: { spec: { project: 'shop' } } });
  await bench.setSpec({ submodules: true });
  await waitFor(async () => (await bench.application()).status?.errors?.some(({ reason, message }) => reason === 'NotPermitted' && message.includes(lib.url)), { what: 'the project to refuse the submodule', timeoutMs: 40_000 });
  t.is(await bench.find(CONFIG_MAPS, 'lib'), undefined);
  await bench.client.patch(PROJECTS, { namespace: ROOT_NAMESPACE, name: 'shop' }, { type: 'merge', body: { spec: { repositories: [`https://127.0.0.1:${server.port}/*`] } } });
  const { data } = await waitFor(() => bench.find(CONFIG_MAPS, 'lib'), { what: 'the submodule to be permitted', timeoutMs: 40_000 });
  t.truthy(data);
});
