import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, JOBS, SYNCS } from '#api/resources.ts';
import { endJob } from '#test/support/jobs.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const migration = (image: string): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {headway.dev/hook: PreSync}\nspec:\n  template: {spec: {restartPolicy: Never, containers: [{name: a, image: "${image}"}]}}\n`;
const application = (name: string): string => `apiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: ${name}, namespace: headway-system}\nspec: {repository: root, path: services/${name}}\n`;
/** Of the root application; another one may have come before the folder that it names. */
const phases = async (bench: SyncBench): Promise<readonly (string | undefined)[]> => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.filter(({ spec }) => spec.application === 'root').map(({ status }) => status?.phase);

test.serial('a hook that waits is run once, whatever is committed to other folders meanwhile', async (t) => {
  const bench = await startSyncBench(t, { 'apps/migrate.yaml': migration('migrate:1'), 'apps/one.yaml': config('one', '1') });
  const first = bench.repository.git('rev-parse', 'HEAD');
  const { metadata: { uid } } = await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  for (let i = 0; i < 20; i++) bench.repository.commit({ 'docs/notes.txt': String(i) });
  // Another application of the same repository tells that the commits have been seen.
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'witness', namespace: 'headway-system' }, spec: { repository: 'root', path: 'docs' } });
  const head = bench.repository.git('rev-parse', 'HEAD');
  await waitFor(async () => (await bench.client.get(APPLICATIONS, { namespace: 'headway-system', name: 'witness' })).status?.syncedRevision === head, { what: 'the witness' });
  t.is((await bench.find(JOBS, 'migrate'))?.metadata.uid, uid);
  await endJob(bench.client, 'migrate', 'Complete');
  await bench.synced(head);
  t.is((await bench.find(JOBS, 'migrate'))?.metadata.uid, uid);
  t.is((await bench.find(CONFIG_MAPS, 'one'))?.metadata.annotations?.['headway.dev/commit'], first);
  t.deepEqual(await waitFor(async () => ((found) => found.every((phase) => phase !== 'Running') && found)(await phases(bench)), { what: 'the record' }), ['Succeeded']);
});

test.serial('a commit to the own folder ends the sync that waits, with one to another folder before it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/migrate.yaml': migration('migrate:1'), 'apps/one.yaml': config('one', '1') });
  const { metadata: { uid } } = await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  bench.repository.commit({ 'docs/notes.txt': 'x' });
  bench.repository.commit({ 'apps/migrate.yaml': migration('migrate:2') });
  await waitFor(async () => ((found) => found !== undefined && found.metadata.uid !== uid)(await bench.find(JOBS, 'migrate')), { what: 'the newer hook' });
  await endJob(bench.client, 'migrate', 'Complete');
  await bench.synced();
  t.is((await bench.find(CONFIG_MAPS, 'one'))?.data?.['value'], '1');
});

test.serial('a sync that failed is not tried again because of commits to other folders; one to its own is tried at once', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { syncPolicy: { retry: { limit: 0 } } } } });
  bench.repository.commit({ 'apps/migrate.yaml': migration('migrate:1') });
  const { metadata: { uid } } = await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  await endJob(bench.client, 'migrate', 'Failed');
  await waitFor(async () => (await bench.application()).status?.errors?.[0]?.reason === 'HookFailed', { what: 'the failure' });
  const { status } = await bench.attempted(bench.repository.commit({ 'docs/notes.txt': 'x' }));
  t.is(status?.conditions?.find(({ type }) => type === 'Synced')?.reason, 'HookFailed');
  t.is((await bench.find(JOBS, 'migrate'))?.metadata.uid, uid);
  bench.repository.commit({ 'apps/migrate.yaml': migration('migrate:2') });
  await waitFor(async () => ((found) => found !== undefined && found.metadata.uid !== uid)(await bench.find(JOBS, 'migrate')), { what: 'the next try' });
  await endJob(bench.client, 'migrate', 'Complete');
  await bench.synced();
});

test.serial('a burst of 300 commits over 20 applications ends at the newest state of each', async (t) => {
  const names = Array.from({ length: 20 }, (_item, i) => `svc-${i}`);
  const bench = await startSyncBench(t, Object.fromEntries(names.flatMap((name) => [[`apps/${name}.yaml`, application(name)], [`services/${name}/config.yaml`, config(name, 'first')]])));
  await waitFor(() => bench.find(CONFIG_MAPS, 'svc-19'), { what: 'the first state' });
  for (let i = 0; i < 300; i++) {
    const name = names[i % names.length] ?? '';
    bench.repository.commit({ [`services/${name}/config.yaml`]: config(name, String(i)) });
  }
  const head = bench.repository.git('rev-parse', 'HEAD');
  const since = performance.now();
  await waitFor(async () => (await bench.client.list(APPLICATIONS, { namespace: 'headway-system' })).items.every(({ status }) => status?.syncedRevision === head), { what: 'all applications at the newest commit', timeoutMs: 60_000 });
  t.log(`converged ${Math.round(performance.now() - since)} ms after the last commit`);
  for (const [i, name] of names.entries()) t.is((await bench.find(CONFIG_MAPS, name))?.data?.['value'], String(280 + i));
});
