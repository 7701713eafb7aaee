import test from 'ava';
import type { Application, Sync } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, SYNCS } from '#api/resources.ts';
import { findCondition } from '#controller/conditions.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
const application = (name: string, path: string): string => `apiVersion: headway.dev/v1\nkind: Application\nmetadata: { name: ${name}, namespace: headway-system }\nspec: { repository: root, path: ${path} }\n`;
const TWO = { 'apps/one.yaml': application('one', 'one'), 'apps/two.yaml': application('two', 'two') };

const find = (bench: SyncBench, name: string): Promise<Application | undefined> => bench.find(APPLICATIONS, name, 'headway-system');
const synced = (bench: SyncBench, ...names: readonly string[]) => Promise.all(names.map((name) => waitFor(async () => {
  const found = await find(bench, name);
  return found?.status?.syncedRevision === bench.repository.git('rev-parse', 'HEAD') && findCondition(found.status.conditions, 'Synced')?.status === 'True' ? found : undefined;
}, { what: `${name} synced` })));
const uids = async (bench: SyncBench, ...names: readonly string[]) => Promise.all(names.map(async (name) => (await bench.find(CONFIG_MAPS, name))?.metadata.uid));
const ownerOf = async (bench: SyncBench, name: string) => (await bench.find(CONFIG_MAPS, name))?.metadata.labels?.['headway.dev/application'];
const records = async (bench: SyncBench, name: string): Promise<readonly Sync[]> => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.filter(({ spec }) => spec.application === name);
const warnings = (bench: SyncBench) => bench.events.filter(({ type }) => type === 'Warning');

test.serial('a file that moves from one application to another takes its objects along: none is deleted, nobody is refused', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'one/moves.yaml': config('moves') + '---\n' + config('moves-too'), 'one/stays.yaml': config('stays'), 'one/goes.yaml': config('goes'), 'two/other.yaml': config('other') });
  await synced(bench, 'one', 'two');
  const before = await uids(bench, 'moves', 'moves-too');
  bench.repository.commit({ 'one/moves.yaml': null, 'one/goes.yaml': null, 'two/moves.yaml': config('moves') + '---\n' + config('moves-too') });
  await synced(bench, 'one', 'two');
  t.deepEqual(await uids(bench, 'moves', 'moves-too', 'goes'), [...before, undefined]);
  t.is(await ownerOf(bench, 'moves'), 'headway-system.two');
  t.deepEqual(warnings(bench), []);
  const kept = await waitFor(async () => {
    const last = (await records(bench, 'one')).find(({ status }) => status?.deleted === 1);
    return last?.status?.objects?.filter(({ outcome }) => outcome === 'Kept');
  }, { what: 'the record' });
  t.deepEqual(kept.map(({ name, message }) => [name, message]).sort(), [['moves', 'application headway-system/two declares it'], ['moves-too', 'application headway-system/two declares it']]);
  // What is somebody else's by now is neither healed nor pruned by the one before.
  await bench.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'moves' });
  await waitFor(async () => (await ownerOf(bench, 'moves')) === 'headway-system.two', { what: 'the object healed by its new application' });
});

test.serial('two applications that exchange their objects end with what Git gives them', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'one/left.yaml': config('left'), 'one/a.yaml': config('aa'), 'two/right.yaml': config('right'), 'two/b.yaml': config('bb') });
  await synced(bench, 'one', 'two');
  const before = await uids(bench, 'left', 'right');
  bench.repository.commit({ 'one/left.yaml': null, 'two/left.yaml': config('left'), 'two/right.yaml': null, 'one/right.yaml': config('right') });
  await synced(bench, 'one', 'two');
  t.deepEqual(await uids(bench, 'left', 'right'), before);
  t.deepEqual([await ownerOf(bench, 'left'), await ownerOf(bench, 'right')], ['headway-system.two', 'headway-system.one']);
});

test.serial('an application that gets another name keeps its objects', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': application('one', 'one'), 'apps/stays.yaml': config('stays'), 'one/a.yaml': config('aa') });
  await synced(bench, 'one');
  const before = await uids(bench, 'aa');
  bench.repository.commit({ 'apps/one.yaml': application('first', 'one') });
  await synced(bench, 'first');
  await waitFor(async () => (await find(bench, 'one')) === undefined, { what: 'the old one gone' });
  t.deepEqual(await uids(bench, 'aa'), before);
  t.is(await ownerOf(bench, 'aa'), 'headway-system.first');
});

test.serial('an object stays when the application that it moves to is refused, and goes to it once that is mended', async (t) => {
  const bench = await startSyncBench(t, { ...TWO, 'one/moves.yaml': config('moves'), 'one/stays.yaml': config('stays'), 'two/other.yaml': config('other') });
  await synced(bench, 'one', 'two');
  const before = await uids(bench, 'moves');
  bench.repository.commit({ 'one/moves.yaml': null, 'two/moves.yaml': config('moves'), 'two/bad.yaml': 'kind: [' });
  await waitFor(async () => findCondition((await find(bench, 'two'))?.status?.conditions, 'Synced')?.reason === 'InvalidYAML', { what: 'two refused' });
  await waitFor(async () => /to be pruned: ConfigMap default\/moves/.test(findCondition((await find(bench, 'one'))?.status?.conditions, 'Synced')?.message ?? ''), { what: 'one applied' });
  t.deepEqual(await uids(bench, 'moves'), before);
  bench.repository.commit({ 'two/bad.yaml': null });
  await synced(bench, 'one', 'two');
  t.deepEqual(await uids(bench, 'moves'), before);
  t.is(await ownerOf(bench, 'moves'), 'headway-system.two');
});

test.serial('most of an application may move without a word, as it is not deleted', async (t) => {
  const names = Array.from({ length: 12 }, (_, i) => `name-${i}`);
  const all = (folder: string, of: readonly string[], text: (name: string) => string | null) => Object.fromEntries(of.map((name) => [`${folder}/${name}.yaml`, text(name)]));
  const bench = await startSyncBench(t, { ...TWO, ...Object.fromEntries(names.map((name) => [`one/${name}.yaml`, config(name)])), 'two/other.yaml': config('other') });
  await synced(bench, 'one', 'two');
  const before = await uids(bench, ...names);
  bench.repository.commit({ ...all('one', names.slice(1), () => null), ...all('two', names.slice(1), config) });
  await synced(bench, 'one', 'two');
  t.deepEqual(await uids(bench, ...names), before);
});
