import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isUnchanged } from '#sync/render/unit/unit-tree.ts';
import { sharedTools, startRenderBench } from '#test/support/render-bench.ts';

const { tools, dispose } = await sharedTools();
test.after.always(dispose);

const CHART = { 'bad/Chart.yaml': 'apiVersion: v2\nname: bad\nversion: 1.0.0\n' };

const commits: readonly { readonly name: string; readonly files: Readonly<Record<string, string | null>>; readonly changed: readonly string[] }[] = [
  { name: 'a base', files: { 'base/deployment.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n' }, changed: ['Kustomize'] },
  { name: 'a file of a generator', files: { 'base/app.properties': 'color=red\n' }, changed: ['Kustomize'] },
  { name: 'a component', files: { 'components/debug/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n' }, changed: ['Kustomize'] },
  { name: 'a file beside the inputs', files: { 'base/notes.txt': 'x', 'overlays/prod/unused.yaml': 'a: b', 'README.md': 'x' }, changed: [] },
  { name: 'another spelling of kustomization.yaml', files: { 'base/Kustomization': 'resources: []\n' }, changed: ['Kustomize'] },
  { name: 'a values file', files: { 'values/prod.yaml': 'color: black\n' }, changed: ['Helm'] },
  { name: 'a values file of others', files: { 'values/test.yaml': 'color: black\n' }, changed: [] },
  { name: 'a local dependency', files: { 'lib/templates/new.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' }, changed: ['Helm'] },
  { name: 'a template that is gone', files: { 'chart/templates/settings.yaml': null }, changed: ['Helm'] },
];
for (const { name, files, changed } of commits) {
  test.serial(`a commit that changes ${name} changes ${changed.join(' and ') || 'no unit'}`, async (t) => {
    const bench = await startRenderBench(t, tools);
    const before = { Kustomize: await bench.render('Kustomize', 'overlays/prod'), Helm: await bench.render('Helm', 'chart', { spec: { helm: { valueFiles: ['../values/prod.yaml'] } } }) };
    bench.files.commit(files);
    const root = await bench.rootTree();
    const found: string[] = [];
    for (const [type, { lookups }] of Object.entries(before)) if (!(await isUnchanged(lookups, bench.git, root))) found.push(type);
    t.deepEqual(found, changed);
  });
}

test.serial('what was rendered before from the same inputs is not rendered again, and errors are not kept', async (t) => {
  const bench = await startRenderBench(t, tools);
  const first = await bench.render('Helm', 'chart');
  bench.files.commit({ 'chart/values.yaml': 'replicas: 7\ncolor: blue\n' });
  const second = await bench.render('Helm', 'chart');
  bench.files.git('revert', '--no-edit', 'HEAD');
  const third = await bench.render('Helm', 'chart');
  t.not(second.result, first.result);
  t.is(third.result, first.result);
  t.not((await bench.render('Helm', 'broken')).result, (await bench.render('Helm', 'broken')).result);
});

test.serial('a tool that is not installed is named', async (t) => {
  const bench = await startRenderBench(t, { find: async () => undefined });
  t.like((await bench.render('Helm', 'chart')).result.errors[0], { path: 'chart', reason: 'RendererMissing' });
  t.regex((await bench.render('Kustomize', 'overlays/prod')).result.errors[0]?.message ?? '', /needs kubectl/);
});

test.serial('a template that never ends, a memory bomb and an endless output are ended, and leave nothing', async (t) => {
  const loops = '{{ range until 100000 }}{{ range until 100000 }}{{ $x := sha256sum "x" }}{{ end }}{{ end }}';
  const slow = await startRenderBench(t, tools, { extra: { ...CHART, 'bad/templates/a.yaml': loops }, pool: { limits: { timeoutMs: 2000 } } });
  t.like((await slow.render('Helm', 'bad')).result.errors[0], { path: 'bad/Chart.yaml', reason: 'RenderTimedOut' });
  t.deepEqual(await slow.leftovers(), []);
  const bomb = '{{ range until 100000000 }}{{ repeat 10000 "xxxxxxxxxx" }}{{ end }}';
  const large = await startRenderBench(t, tools, { extra: { ...CHART, 'bad/templates/a.yaml': bomb }, pool: { limits: { memoryBytes: 512 * 1024 * 1024 } } });
  t.like((await large.render('Helm', 'bad')).result.errors[0], { path: 'bad/Chart.yaml', reason: 'RenderOutOfMemory' });
  const output = '{{ repeat 100000 "# xxxxxxxxxx\\n" }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  const long = await startRenderBench(t, tools, { extra: { ...CHART, 'bad/templates/a.yaml': output }, pool: { limits: { outputBytes: 100_000 } } });
  t.like((await long.render('Helm', 'bad')).result.errors[0], { path: 'bad/Chart.yaml', reason: 'RenderOutputTooLarge' });
});

test.serial('a newer commit ends a rendering at once', async (t) => {
  const bench = await startRenderBench(t, tools, { extra: { ...CHART, 'bad/templates/a.yaml': '{{ range until 100000 }}{{ range until 100000 }}{{ $x := sha256sum "x" }}{{ end }}{{ end }}' } });
  // One that was not ended would run into its time limit, which is a result.
  await t.throwsAsync(bench.render('Helm', 'bad', { signal: AbortSignal.timeout(300) }));
  t.deepEqual(await bench.leftovers(), []);
});

test.serial('submodules and links in a circle are refused by name', async (t) => {
  const bench = await startRenderBench(t, tools, { extra: { 'overlays/bad/kustomization.yaml': 'resources: [a.yaml]\n' } });
  symlinkSync('b.yaml', join(bench.files.path, 'overlays/bad/a.yaml'));
  symlinkSync('a.yaml', join(bench.files.path, 'overlays/bad/b.yaml'));
  bench.files.commit({});
  t.like((await bench.render('Kustomize', 'overlays/bad')).result.errors[0], { reason: 'UnsupportedLink' });
  bench.files.commit({ 'overlays/bad/kustomization.yaml': 'resources: [sub]\n' });
  bench.files.git('update-index', '--add', '--cacheinfo', `160000,${bench.files.git('rev-parse', 'HEAD')},overlays/bad/sub`);
  bench.files.git('commit', '--quiet', '--message=a submodule');
  t.like((await bench.render('Kustomize', 'overlays/bad')).result.errors[0], { path: 'overlays/bad/sub', reason: 'UnsupportedSubmodule' });
});
