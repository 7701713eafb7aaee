import test from 'ava';
import type { Sync } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, JOBS, SYNCS } from '#api/resources.ts';
import { endJob } from '#test/support/jobs.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, options = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${options === '' ? '' : `  annotations: {argocd.argoproj.io/sync-options: "${options}"}\n`}data: {a: "1"}\n`;
const hook = (name: string, annotations: Readonly<Record<string, string>>, image = 'a:1'): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: ${name}\n  annotations: ${JSON.stringify(annotations)}\nspec:\n  template: {spec: {restartPolicy: Never, containers: [{name: a, image: "${image}"}]}}\n`;
const BACKUP = { 'argocd.argoproj.io/hook': 'PreDelete' };
const ROOT = { namespace: 'headway-system', name: 'root' };

const remove = (bench: SyncBench): Promise<unknown> => bench.client.delete(APPLICATIONS, ROOT);
const gone = (bench: SyncBench): Promise<unknown> => waitFor(async () => (await bench.find(APPLICATIONS, 'root', 'headway-system')) === undefined, { what: 'the Application gone' });
const says = (bench: SyncBench, reason: string): Promise<string> =>
  waitFor(async () => (await bench.application()).status?.conditions?.find((c) => c.type === 'Synced' && c.reason === reason)?.message, { what: reason });
const job = (bench: SyncBench, name: string, not = ''): Promise<string> =>
  waitFor(async () => ((found) => found && found.metadata.uid !== not && found.metadata.uid)(await bench.find(JOBS, name)), { what: `job ${name}` });
const records = async (bench: SyncBench): Promise<readonly Sync[]> => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.filter(({ spec }) => spec.trigger.type === 'Deletion');

test.serial('hooks run before the objects of a deleted Application go and when they are gone; the record of it stays', async (t) => {
  const bench = await startSyncBench(t, {
    'apps/one.yaml': config('one'), 'apps/backup.yaml': hook('backup', BACKUP),
    'apps/clean.yaml': hook('clean', { 'helm.sh/hook': 'post-delete', 'helm.sh/hook-delete-policy': 'hook-succeeded' }),
  });
  const { metadata, status } = await bench.synced();
  t.true(metadata.finalizers?.includes('headway.dev/deletion-hooks'));
  t.is(await bench.find(JOBS, 'backup'), undefined, 'no sync runs them');
  await remove(bench);
  await job(bench, 'backup');
  t.truthy(await bench.find(CONFIG_MAPS, 'one'));
  await bench.restart();
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { type: 'merge', body: { metadata: { finalizers: ['example.org/hold'] } } });
  await endJob(bench.client, 'backup', 'Complete');
  t.regex(await waitFor(async () => ((text) => /objects are gone/.test(text) && text)(await says(bench, 'Deleting')), { what: 'the wait for the objects' }), /waits until its objects are gone: ConfigMap default\/one/);
  t.is(await bench.find(JOBS, 'clean'), undefined);
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await job(bench, 'clean');
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
  await endJob(bench.client, 'clean', 'Complete');
  await gone(bench);
  t.is(await bench.find(JOBS, 'clean'), undefined, 'deleted by its policy');
  const [record] = await records(bench);
  t.like(record?.spec, { application: 'root', revision: status?.syncedRevision, trigger: { type: 'Deletion' } });
  t.like(record?.status, { phase: 'Succeeded', deleted: 1 });
  t.deepEqual(record?.status?.objects?.map(({ name, hook: phase, outcome }) => `${name} ${phase ?? ''} ${outcome}`), ['backup PreDelete Completed', 'one  Deleted', 'clean PostDelete Completed']);
  t.deepEqual(record?.metadata.ownerReferences ?? [], []);
});

test.serial('a hook that fails holds the deletion, with a condition and an Event, until a commit mends it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one'), 'apps/backup.yaml': hook('backup', BACKUP) });
  await bench.synced();
  await bench.client.patch(APPLICATIONS, ROOT, { type: 'merge', body: { spec: { syncPolicy: { retry: { limit: 0 } } } } });
  await bench.synced();
  await remove(bench);
  const first = await job(bench, 'backup');
  await endJob(bench.client, 'backup', 'Failed');
  t.regex(await says(bench, 'PreDeleteFailed'), /apps\/backup\.yaml:1: Job default\/backup: the hook failed: .*finalizer headway\.dev\/deletion-hooks/);
  t.true(bench.events.some(({ type, reason, message }) => type === 'Warning' && reason === 'PreDeleteFailed' && message.includes('apps/backup.yaml:1')));
  t.truthy(await bench.find(CONFIG_MAPS, 'one'));
  bench.repository.commit({ 'apps/backup.yaml': hook('backup', BACKUP, 'a:2') });
  await job(bench, 'backup', first);
  t.is((await bench.find(JOBS, 'backup'))?.spec?.template.spec?.containers[0]?.image, 'a:2');
  await endJob(bench.client, 'backup', 'Complete');
  await gone(bench);
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
  t.is(await bench.find(JOBS, 'backup'), undefined);
});

test.serial('a hook that is run again after it failed is waited for by the next process, and not run a third time', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one'), 'apps/backup.yaml': hook('backup', BACKUP) });
  await bench.synced();
  await remove(bench);
  const first = await job(bench, 'backup');
  await endJob(bench.client, 'backup', 'Failed');
  await says(bench, 'PreDeleteFailed');
  bench.repository.commit({ 'other/a.txt': 'tried at once' });
  await job(bench, 'backup', first);
  t.is((await records(bench))[0]?.status?.failedRuns, 1);
  await bench.restart();
  await endJob(bench.client, 'backup', 'Complete');
  await gone(bench);
  t.deepEqual((await records(bench))[0]?.status?.objects?.map(({ name, outcome }) => `${name} ${outcome}`), ['backup Failed', 'backup Completed', 'one Deleted']);
});

test.serial('hooks of an Application whose folder has left Git are those of its last sync; without the finalizer none run', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one'), 'apps/backup.yaml': hook('backup', BACKUP) });
  await bench.synced();
  await bench.attempted(bench.repository.commit({ 'apps/one.yaml': null, 'apps/backup.yaml': null, 'other/a.txt': 'x' }));
  await remove(bench);
  await job(bench, 'backup');
  await bench.client.patch(APPLICATIONS, ROOT, { type: 'merge', body: { metadata: { finalizers: ['headway.dev/prune'] } } });
  await gone(bench);
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
});

test.serial('what is annotated Delete=confirm holds the deletion until somebody agrees, Delete=false stays', async (t) => {
  const bench = await startSyncBench(t, { 'apps/dear.yaml': config('dear', 'Delete=confirm'), 'apps/stays.yaml': config('stays', 'Delete=false') });
  await bench.synced();
  await remove(bench);
  t.regex(await says(bench, 'DeletionNotConfirmed'), /headway\.dev\/confirm-deletion=root is on the Application: ConfigMap default\/dear/);
  t.true(bench.events.some(({ reason }) => reason === 'DeletionNotConfirmed'));
  t.truthy(await bench.find(CONFIG_MAPS, 'dear'));
  await bench.client.patch(APPLICATIONS, ROOT, { type: 'merge', body: { metadata: { annotations: { 'headway.dev/confirm-deletion': 'root' } } } });
  await gone(bench);
  t.is(await bench.find(CONFIG_MAPS, 'dear'), undefined);
  t.truthy(await bench.find(CONFIG_MAPS, 'stays'));
  t.deepEqual((await records(bench))[0]?.status?.objects?.map(({ name, outcome }) => `${name} ${outcome}`).sort(), ['dear Deleted', 'stays Kept']);
});
