import test from 'ava';
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APPLICATIONS, CONFIG_MAPS, JOBS } from '#api/resources.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const migration = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, annotations: {headway.dev/hook: PreSync}}\nspec:\n  template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}\n';
const value = async (bench: SyncBench, name: string): Promise<string | undefined> => (await bench.find(CONFIG_MAPS, name))?.data?.['value'];

test.serial('an object that two applications declare is refused to the second with file and line, and is its own when the first lets it go', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', 'root'), 'other/mine.yaml': config('mine', '1'), 'other/one.yaml': `# theirs\n${config('one', 'other')}` });
  await bench.synced();
  const other = { namespace: 'headway-system', name: 'other' };
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: other, spec: { repository: 'root', path: 'other' } });
  const { status } = await waitFor(async () => ((found) => (found.status?.errors?.length ? found : undefined))(await bench.client.get(APPLICATIONS, other)), { what: 'the refusal' });
  t.like(status?.errors?.[0], { path: 'other/one.yaml', line: 2, reason: 'DuplicateObject', message: 'the object is declared by application headway-system/root too' });
  t.true(status?.conditions?.some(({ type, reason, message }) => type === 'Synced' && reason === 'DuplicateObject' && message.includes('other/one.yaml:2')));
  t.true(bench.events.some(({ reason, message }) => reason === 'DuplicateObject' && message.includes('other/one.yaml:2')));
  t.is(await bench.find(CONFIG_MAPS, 'mine'), undefined, 'nothing of it is applied');
  t.is(await value(bench, 'one'), 'root');
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': null, 'apps/two.yaml': config('two', '1') }));
  await waitFor(async () => (await value(bench, 'one')) === 'other' && (await value(bench, 'mine')) === '1', { what: 'the other one to have it' });
});

test.serial('of two writers on one branch both are applied, and who comes late is refused by Git and not by the sync', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  bench.repository.git('config', 'receive.denyCurrentBranch', 'updateInstead');
  const clone = `${bench.repository.path}-second`;
  t.teardown(() => rm(clone, { recursive: true, force: true }));
  const second = (...args: readonly string[]): string => execFileSync('git', ['-C', clone, '-c', 'user.name=Bob', '-c', 'user.email=bob@example.org', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  execFileSync('git', ['clone', '--quiet', bench.repository.path, clone], { stdio: 'pipe' });
  await writeFile(join(clone, 'apps/two.yaml'), config('two', 'bob'));
  second('add', '.');
  second('commit', '--quiet', '--message=two');
  bench.repository.commit({ 'apps/one.yaml': config('one', 'ada') });
  t.throws(() => second('push', '--quiet', 'origin', 'HEAD:main'), { message: /rejected/ });
  second('pull', '--quiet', '--rebase', 'origin', 'main');
  second('push', '--quiet', 'origin', 'HEAD:main');
  await bench.synced(second('rev-parse', 'HEAD'));
  t.deepEqual([await value(bench, 'one'), await value(bench, 'two')], ['ada', 'bob']);
  t.is((await bench.find(CONFIG_MAPS, 'two'))?.metadata.annotations?.['headway.dev/author'], 'Bob <bob@example.org>');
});

test.serial('history that is rewritten while a sync waits ends it, and what only the lost commit had goes', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  const first = await bench.synced();
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', 'lost'), 'apps/lost.yaml': config('lost', '1') }));
  bench.repository.commit({ 'apps/one.yaml': config('one', 'waits'), 'apps/migrate.yaml': migration });
  await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the sync to wait' });
  bench.repository.git('reset', '--hard', '--quiet', first.status?.syncedRevision ?? '');
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', '2') }));
  t.is(await value(bench, 'one'), '2');
  t.is(await bench.find(CONFIG_MAPS, 'lost'), undefined);
});
