import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, SECRETS, SYNCS } from '#api/resources.ts';
import type { ApplicationSpec, Sync } from '#api/headway/v1/types.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;
const secret = (value: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: "${value}"}\n`;

const all = async (bench: SyncBench): Promise<readonly Sync[]> => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items;
const ended = (bench: SyncBench, is: (sync: Sync) => boolean): Promise<Sync> =>
  waitFor(async () => (await all(bench)).find((sync) => sync.status?.phase !== 'Running' && sync.status?.completionTime !== undefined && is(sync)), { what: 'the record' });
const setSpec = (bench: SyncBench, spec: object): Promise<unknown> => bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: spec as ApplicationSpec } });
const places = ({ status }: Sync): unknown => status?.objects?.map(({ kind, name, path, line, outcome }) => ({ kind, name, path, line, outcome }));

test.serial('a sync is recorded: commit, author, each object with its patch, and no secret', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1'), 'apps/key.yaml': secret('hunter1') });
  await bench.synced();
  const first = await ended(bench, ({ spec }) => spec.trigger.type === 'Commit');
  t.like(first.status, { phase: 'Succeeded', created: 3, updated: 0, deleted: 0 });
  t.like(first.metadata.ownerReferences?.[0], { kind: 'Application', name: 'root' });
  const head = await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', '2'), 'apps/two.yaml': null, 'apps/key.yaml': secret('hunter2') }));
  const second = await ended(bench, ({ spec }) => spec.revision === head.status?.syncedRevision);
  t.deepEqual(second.spec.trigger, { type: 'Commit', by: 'Ada <ada@example.org>' });
  t.like(second.status, { created: 0, updated: 2, deleted: 1 });
  const one = second.status?.objects?.find(({ name }) => name === 'one');
  t.like(one, { path: 'apps/one.yaml', line: 1, wave: 0, outcome: 'Updated' });
  const patch = JSON.parse(one?.patch ?? '[]') as readonly { readonly path: string; readonly value: unknown }[];
  t.deepEqual(patch.find(({ path }) => path === '/data/value')?.value, '2');
  t.false(JSON.stringify(second).includes('hunter') || JSON.stringify(second).includes(Buffer.from('hunter2').toString('base64')));
  t.truthy(await bench.find(SECRETS, 'key'));
});

test.serial('what is refused is recorded once, however often it is tried; a sync that changes nothing is not', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await ended(bench, () => true);
  await setSpec(bench, { syncPolicy: { retry: { interval: '20ms', maxInterval: '20ms' } } });
  await waitFor(async () => (await bench.application()).status?.observedGeneration === (await bench.application()).metadata.generation, { what: 'the new policy' });
  await bench.attempted(bench.repository.commit({ 'apps/one.yaml': 'kind: {' }));
  const refused = await ended(bench, ({ status }) => status?.phase === 'Refused');
  t.like(refused.status?.errors?.[0], { path: 'apps/one.yaml', reason: 'InvalidYAML' });
  await waitFor(() => bench.events.filter(({ reason }) => reason === 'InvalidYAML').length >= 4, { what: 'several tries' });
  bench.repository.git('reset', '--hard', '--quiet', 'HEAD~1');
  await bench.synced();
  await bench.synced(bench.repository.commit({ 'apps/README.md': 'nothing' }));
  t.deepEqual((await all(bench)).map(({ status }) => status?.phase).sort(), ['Refused', 'Succeeded']);
});

test.serial('a burst of drift is healed as one record that names who caused it', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`apps/c${i}.yaml`, config(`c${i}`, '1')]));
  const bench = await startSyncBench(t, files);
  await bench.synced();
  await Promise.all(Array.from({ length: 30 }, (_, i) => bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: `c${i}` }, { type: 'merge', body: { data: { value: '9' } } }, { fieldManager: 'meddler' })));
  const healed = await ended(bench, ({ spec }) => spec.trigger.type === 'Drift');
  t.deepEqual(healed.spec.trigger, { type: 'Drift', by: 'meddler' });
  t.is(healed.status?.updated, 30);
  t.is((await all(bench)).filter(({ spec }) => spec.trigger.type === 'Drift').length, 1);
});

test.serial('the history keeps what its policy says', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '0') });
  await bench.synced();
  await setSpec(bench, { syncPolicy: { history: { count: 2 } } });
  for (let i = 1; i <= 4; i++) await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', String(i)) }));
  await waitFor(async () => (await all(bench)).length === 2 && (await all(bench)).every(({ status }) => status?.phase === 'Succeeded'), { what: 'two records' });
  const head = bench.repository.git('rev-parse', 'HEAD');
  t.true((await all(bench)).some(({ spec }) => spec.revision === head));
});

test.serial('several folders are one application', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'more/two.yaml': config('two', '1'), 'more/four.yaml': config('four', '1'), 'other/three.yaml': config('three', '1') });
  await bench.synced();
  await setSpec(bench, { path: null, paths: ['apps', 'more/'] });
  await waitFor(() => bench.find(CONFIG_MAPS, 'two'), { what: 'the second folder' });
  const commit = bench.repository.commit({ 'more/two.yaml': null, 'apps/two.yaml': config('two', '2'), 'other/three.yaml': null });
  const { status } = await bench.synced(commit);
  t.deepEqual(status?.inventory?.map(({ path }) => path), ['apps/one.yaml', 'apps/two.yaml', 'more/four.yaml']);
  const record = await ended(bench, ({ spec }) => spec.revision === commit);
  t.deepEqual(places(record), [{ kind: 'ConfigMap', name: 'two', path: 'apps/two.yaml', line: 1, outcome: 'Updated' }]);
  const { status: twice } = await bench.attempted(bench.repository.commit({ 'more/two.yaml': config('two', '3') }));
  t.is(twice?.errors?.[0]?.reason, 'DuplicateObject');
});
