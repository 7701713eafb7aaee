import test, { type ExecutionContext } from 'ava';
import type { Sync } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, REPOSITORIES, SYNCS } from '#api/resources.ts';
import { startAuditBench, type AuditBench } from '#test/support/audit-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;
const secret = (value: string): string => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: keys\nstringData:\n  password: ${value}\n`;

interface Entry {
  readonly type: string;
  readonly commit?: string;
  readonly change?: string;
  readonly path?: string;
  readonly line?: number;
  readonly patch: unknown;
  readonly name?: string;
  readonly trigger?: object;
}

async function logOf(t: ExecutionContext, bench: AuditBench, object: string, ...flags: readonly string[]): Promise<readonly Entry[]> {
  const { stdout, stderr, code } = await bench.headway('log', object, '-o', 'json', ...flags);
  t.is(code, 0, stderr);
  return JSON.parse(stdout) as readonly Entry[];
}

/** What the bench's own syncs left is not what is tested. */
async function forgetRecords(bench: AuditBench): Promise<void> {
  const { items } = await bench.client.list(SYNCS, { namespace: 'headway-system' });
  await Promise.all(items.map(({ metadata }) => bench.client.delete(SYNCS, { namespace: metadata.namespace, name: metadata.name })));
}

/** As sync writes it. */
async function record(bench: AuditBench, { name, revision, time, objects = [], by }: { readonly name: string; readonly revision: string; readonly time: string; readonly objects?: readonly object[]; readonly by?: string }): Promise<void> {
  const metadata = { namespace: 'headway-system', name };
  await bench.client.create(SYNCS, { apiVersion: 'headway.dev/v1', kind: 'Sync', metadata, spec: { application: 'root', repository: 'root', revision, trigger: { type: by === undefined ? 'Commit' : 'Drift', ...(by === undefined ? {} : { by }) } } });
  await bench.client.patch<Sync>(SYNCS, metadata, { type: 'merge', body: { status: { phase: 'Succeeded', startTime: time, completionTime: time, objects } } }, { subresource: 'status' });
}

test.serial('log shows the commits that changed the object, through renames and from file to file, and the syncs that wrote it', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { commit, git } = bench.repository;
  const added = git('rev-parse', 'HEAD');
  const changed = commit({ 'apps/one.yaml': config('one', '2') });
  commit({ 'apps/one.yaml': null, 'apps/renamed.yaml': config('one', '2') }, 'Rename');
  commit({ 'apps/renamed.yaml': `${config('one', '2')}---\n${config('other', '1')}` }, 'Another object');
  commit({ 'apps/renamed.yaml': config('other', '1'), 'apps/all.yaml': `${config('third', '1')}---\n${config('one', '2')}` }, 'Move');
  const last = commit({ 'apps/all.yaml': `${config('third', '1')}---\n${config('one', '3')}` });
  await bench.synced();
  await forgetRecords(bench);
  await record(bench, { name: 'root-heal', revision: last, time: '2126-01-01T00:00:00Z', by: 'kubectl-edit', objects: [{ group: '', kind: 'ConfigMap', namespace: 'default', name: 'one', path: 'apps/all.yaml', wave: 0, outcome: 'Updated', patch: '[{"op":"replace","path":"/data/value","value":"3"}]' }] });
  const entries = await logOf(t, bench, 'cm/one');
  t.deepEqual(entries.map(({ type, commit: id, name }) => id ?? `${type} ${name}`), ['sync root-heal', last, changed, added]);
  t.like(entries[0], { trigger: { type: 'Drift', by: 'kubectl-edit' } });
  t.like(entries[1], { change: 'Changed', path: 'apps/all.yaml', line: 8, patch: [{ op: 'replace', path: '/data/value', value: '3' }] });
  t.like(entries[3], { change: 'Added', path: 'apps/one.yaml' });
  t.deepEqual(await logOf(t, bench, 'cm/one', '-n', 'default', '--application', 'root'), entries);
  t.is((await logOf(t, bench, 'cm/one', '--max-count', '1')).filter(({ type }) => type === 'commit').length, 1);
  t.regex((await bench.headway('log', 'cm/one', '--patch')).stdout, /sync {3}root-heal .*Drift by kubectl-edit[^]*commit .*Ada <ada@example\.org>[^]*\{"op":"replace","path":"\/data\/value","value":"3"\}/);
});

test.serial('log of a deleted object names the commit that removed it', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1') });
  const { commit } = bench.repository;
  const removed = commit({ 'apps/two.yaml': null });
  await bench.synced();
  await forgetRecords(bench);
  t.regex((await bench.headway('log', 'cm/two')).stderr, /no Application declares cm\/two/);
  await record(bench, { name: 'root-pruned', revision: removed, time: '2126-01-01T00:00:00Z', objects: [{ group: '', kind: 'ConfigMap', namespace: 'default', name: 'two', path: 'apps/two.yaml', wave: 0, outcome: 'Deleted' }] });
  const entries = await logOf(t, bench, 'cm/two');
  t.deepEqual(entries.map(({ type, change }) => change ?? type), ['sync', 'Removed', 'Added']);
  t.is(entries[1]?.commit, removed);
});

test.serial('diff shows objects that come, go and change, hides secrets, and ends with 0, 1 or 2 as diff(1) does', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1'), 'apps/keys.yaml': secret('hunter1'), 'notes.txt': '1' });
  const { commit } = bench.repository;
  commit({ 'apps/one.yaml': config('one', '2'), 'apps/two.yaml': null, 'apps/three.yaml': config('three', '1'), 'apps/keys.yaml': secret('hunter2') });
  commit({ 'notes.txt': '2' });
  const { stdout, code } = await bench.headway('diff', 'main~2', 'main');
  t.is(code, 1);
  t.regex(stdout, /Application headway-system\/root/);
  t.regex(stdout, /~ ConfigMap default\/one {2}apps\/one\.yaml:1\n\s+data\.value: "1" -> "2"/);
  t.regex(stdout, /\+ ConfigMap default\/three {2}apps\/three\.yaml:1/);
  t.regex(stdout, /- ConfigMap default\/two {2}apps\/two\.yaml:1/);
  t.regex(stdout, /~ Secret default\/keys/);
  const json = await bench.headway('diff', 'main~2', 'main', '--application', 'root', '-o', 'json');
  t.deepEqual((JSON.parse(json.stdout) as { applications: { changes: { change: string }[] }[] }).applications[0]?.changes.map(({ change }) => change).sort(), ['Added', 'Changed', 'Changed', 'Removed']);
  t.notRegex(stdout + json.stdout + (await bench.headway('diff', 'main~2', 'main', '-o', 'yaml')).stdout, /hunter/);
  t.is((await bench.headway('diff', 'main~1', 'main')).code, 0);
  const unknown = await bench.headway('diff', 'main', 'nothing');
  t.is(unknown.code, 2);
  t.regex(unknown.stderr, /no Application's repository has both/);
  commit({ 'apps/one.yaml': 'kind: [' });
  const broken = await bench.headway('diff', 'main~1', 'main');
  t.is(broken.code, 2);
  t.regex(broken.stderr, /apps\/one\.yaml:1: /);
});

test.serial('get --at shows what was declared at a commit, or applied at a time by the Sync records, else by the branch', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { git, commit } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  const second = commit({ 'apps/one.yaml': config('one', '2') }, 'Second');
  commit({ 'apps/one.yaml': null, 'apps/two.yaml': config('two', '1') });
  await bench.synced();
  await forgetRecords(bench);
  const at = async (object: string, moment: string): Promise<string> => {
    const { stdout, stderr, code } = await bench.headway('get', object, '--at', moment);
    return code === 0 ? stdout + stderr : stderr;
  };
  t.regex(await at('cm/one', first), new RegExp(`^# apps/one\\.yaml:1 at ${first} .*Ada[^]*value: "1"[^]*namespace: default`));
  t.regex(await at('cm/one', 'main~1'), /value: "2"/);
  t.regex(await at('cm/one', 'main'), /no Application declared cm\/one at main/);
  await record(bench, { name: 'root-1', revision: second, time: '2026-01-02T00:00:00Z' });
  const byRecord = await at('cm/one', '2026-01-02T10:00:00Z');
  t.regex(byRecord, new RegExp(`at ${second} `));
  t.notRegex(byRecord, /no Sync record/);
  t.regex(await at('cm/one', '2026-01-01T00:00:00Z'), /no Application declared/);
  t.regex(await at('cm/two', '0s ago'), /no Application declared/, 'the newest record counts, not the branch');
  t.regex(await at('cm/one', 'yesterday-ish'), /is no time/);
  const json = JSON.parse((await bench.headway('get', 'cm/one', '--at', 'main~1', '-o', 'json')).stdout) as { readonly origin: object; readonly object: object };
  t.like(json, { origin: { path: 'apps/one.yaml', commit: second, subject: 'Second' }, object: { kind: 'ConfigMap', data: { value: '2' } } });
});

test.serial('without records, a time is looked up on the branch, and that is said', async (t) => {
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await forgetRecords(bench);
  const { stdout, stderr } = await bench.headway('get', 'cm/one', '--at', '0s ago');
  t.regex(stdout, /value: "1"/);
  t.regex(stderr, /no Sync record tells what was applied/);
});

test.serial('two folders, ignored files and hooks are read as sync reads them', async (t) => {
  const hook = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {headway.dev/hook: SyncFail}}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}}}\n';
  const bench = await startAuditBench(t, { 'apps/one.yaml': config('one', '1') });
  const { commit, git } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  await bench.synced();
  await bench.client.patch(REPOSITORIES, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { ignore: ['draft-*', 'kustomization.yaml'] } } });
  const second = commit({ 'more/two.yaml': config('two', '1'), 'apps/draft-one.yaml': config('one', 'draft'), 'more/kustomization.yaml': 'resources: []\n', 'apps/hook.yaml': hook });
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { path: null, paths: ['apps', 'more'] } } });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'two')) !== undefined, { what: 'the second folder' });
  const third = commit({ 'more/two.yaml': config('two', '2'), 'apps/hook.yaml': hook.replace('a:1', 'a:2') });
  await bench.synced();
  const run = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await bench.headway(...args);
    t.is(code, args[0] === 'diff' ? 1 : 0, stderr);
    return stdout;
  };
  t.regex(await run('get', 'cm/two', '--at', second), /value: "?1/);
  t.regex(await run('get', 'cm/one', '--at', second), /value: "?1/);
  t.regex(await run('get', 'cm/one', '--at', first), /value: "?1/, 'a commit without the second folder');
  const changes = await run('diff', second, third, '--application', 'root');
  t.regex(changes, /ConfigMap default\/two/);
  t.notRegex(changes, /migrate|draft/);
  t.deepEqual((await logOf(t, bench, 'cm/two')).filter(({ type }) => type === 'commit').map(({ commit: id, change }) => [id, change]), [[third, 'Changed'], [second, 'Added']]);
});

const child = (folder: string, value: string): string => `apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: child, namespace: headway-system}\nspec: {repository: root, path: ${folder}, render: {variables: {VALUE: "${value}"}}}\n`;

test.serial('an Application is read as Git declared it at the commit; where Git does not tell, as it is today, and that is said', async (t) => {
  const bench = await startAuditBench(t, { 'apps/child.yaml': child('sets/a', '1'), 'sets/a/one.yaml': config('one', '${VALUE}'), 'sets/b/one.yaml': config('one', '${VALUE}') });
  const { commit, git } = bench.repository;
  const first = git('rev-parse', 'HEAD');
  const second = commit({ 'apps/child.yaml': child('sets/a', '2') });
  const third = commit({ 'apps/child.yaml': child('sets/b', '2') });
  await bench.synced();
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'one'))?.metadata.annotations?.['headway.dev/path'] === 'sets/b/one.yaml', { what: 'the child synced' });
  const at = async (revision: string): Promise<readonly unknown[]> => {
    const { stdout, stderr } = await bench.headway('get', 'cm/one', '--at', revision, '-o', 'json');
    t.is(stderr, '');
    const { origin, object } = JSON.parse(stdout) as { readonly origin: { readonly path: string }; readonly object: { readonly data: { readonly value: string } } };
    return [origin.path, object.data.value];
  };
  t.deepEqual([await at(first), await at(second), await at(third)], [['sets/a/one.yaml', '1'], ['sets/a/one.yaml', '2'], ['sets/b/one.yaml', '2']]);
  const changes = await bench.headway('diff', first, second, '--application', 'child');
  t.is(changes.code, 1);
  t.notRegex(changes.stderr, /Git does not tell/);
  t.regex(changes.stdout, /ConfigMap default\/one/);
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { render: { variables: { OTHER: '1' } } } } });
  t.regex((await bench.headway('diff', first, second, '--application', 'root')).stderr, /Git does not tell what Application headway-system\/root said at [0-9a-f]{12}; it is read as it is today/);
});
