import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, JOBS, SYNCS } from '#api/resources.ts';
import type { Application, SyncPolicy } from '#api/headway/v1/types.ts';
import { endJob } from '#test/support/jobs.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const annotations = (values: Readonly<Record<string, string>>): string => Object.keys(values).length === 0 ? '' : `  annotations: ${JSON.stringify(values)}\n`;
const config = (name: string, value: string, notes: Readonly<Record<string, string>> = {}): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${annotations(notes)}data:\n  value: "${value}"\n`;
const job = (name: string, notes: Readonly<Record<string, string>>, image = 'migrate:1'): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  ${name}\n${annotations(notes)}spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: a, image: "${image}"}]\n`;
const web = (image: string, wave: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n${annotations({ 'argocd.argoproj.io/sync-wave': wave })}spec:\n  replicas: 1\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: "${image}"}]\n`;
const PRE = { 'argocd.argoproj.io/hook': 'PreSync' };

async function makeHealthy(bench: SyncBench): Promise<void> {
  const generation = (await bench.find(DEPLOYMENTS, 'web'))?.metadata.generation;
  await bench.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { status: { observedGeneration: generation, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 } } }, { subresource: 'status' });
}
const setPolicy = (bench: SyncBench, syncPolicy: SyncPolicy): Promise<Application> => bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { syncPolicy } } });
const says = (bench: SyncBench, reason: string, message: RegExp): Promise<unknown> =>
  waitFor(async () => (await bench.application()).status?.conditions?.some((c) => c.type === 'Synced' && c.reason === reason && message.test(c.message)), { what: `${reason} ${message}` });
const value = async (bench: SyncBench, name: string): Promise<string | undefined> => (await bench.find(CONFIG_MAPS, name))?.data?.['value'];

test.serial('a later wave waits until the earlier one is healthy, says so, and gives way to a newer commit at once', async (t) => {
  const bench = await startSyncBench(t, { 'apps/web.yaml': web('web:1', '0'), 'apps/late.yaml': config('late', '1', { 'headway.dev/wave': '5' }) });
  await says(bench, 'Progressing', /wave 0 waits for Deployment default\/web \(apps\/web\.yaml:1\)/);
  t.is(await bench.find(CONFIG_MAPS, 'late'), undefined);
  const newer = bench.repository.commit({ 'apps/web.yaml': web('web:2', '6') });
  await bench.synced(newer);
  t.is(await value(bench, 'late'), '1');
  bench.repository.commit({ 'apps/web.yaml': web('web:3', '0'), 'apps/late.yaml': config('late', '2', { 'headway.dev/wave': '5' }) });
  await says(bench, 'Progressing', /waits for Deployment default\/web/);
  t.is((await bench.application()).status?.attemptedRevision, bench.repository.git('rev-parse', 'HEAD'));
  t.is(await value(bench, 'late'), '1');
  await makeHealthy(bench);
  await bench.synced();
  t.is(await value(bench, 'late'), '2');
});

test.serial('a hook runs before the sync, once a commit, and anew for the next one', async (t) => {
  const bench = await startSyncBench(t, { 'apps/migrate.yaml': job('name: migrate', PRE), 'apps/one.yaml': config('one', '1') });
  const first = await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
  await endJob(bench.client, 'migrate', 'Complete');
  const { status } = await bench.synced();
  t.deepEqual(status?.inventory?.map(({ name }) => name), ['one']);
  bench.repository.commit({ 'apps/one.yaml': config('one', '2') });
  const second = await waitFor(async () => {
    const found = await bench.find(JOBS, 'migrate');
    return found && found.metadata.uid !== first.metadata.uid && found;
  }, { what: 'the next run' });
  t.is(await value(bench, 'one'), '1');
  await endJob(bench.client, 'migrate', 'Complete');
  await bench.synced();
  t.is(await value(bench, 'one'), '2');
  await bench.restart();
  // It is told of once the restarted engine has looked at everything.
  await bench.synced(bench.repository.commit({ 'docs/notes.txt': 'x' }));
  t.is((await bench.find(JOBS, 'migrate'))?.metadata.uid, second.metadata.uid);
  await waitFor(async () => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.every(({ status: s }) => s?.phase === 'Succeeded'), { what: 'the records closed' });
  t.is((await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.length, 2);
});

test.serial('a hook counts as completed though its job is gone as soon as it has, as a TTL of zero has it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/migrate.yaml': job('name: migrate', PRE), 'apps/one.yaml': config('one', '1') });
  await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  await endJob(bench.client, 'migrate', 'Complete');
  await bench.client.delete(JOBS, { namespace: 'default', name: 'migrate' }, { propagationPolicy: 'Background' });
  await bench.synced();
  t.is(await bench.find(JOBS, 'migrate'), undefined);
  t.is(await value(bench, 'one'), '1');
});

test.serial('a hook that fails ends the sync; SyncFail hooks run, and the objects of later waves are not applied', async (t) => {
  const bench = await startSyncBench(t, {
    'apps/migrate.yaml': job('name: migrate', { ...PRE, 'argocd.argoproj.io/hook-delete-policy': 'HookFailed' }), 'apps/one.yaml': config('one', '1'),
    'apps/mourn.yaml': config('mourn', 'x', { 'headway.dev/hook': 'SyncFail' }),
  });
  await waitFor(() => bench.find(JOBS, 'migrate'), { what: 'the hook' });
  await endJob(bench.client, 'migrate', 'Failed');
  const head = bench.repository.git('rev-parse', 'HEAD');
  const { status } = await bench.attempted(head);
  t.like(status?.errors?.[0], { path: 'apps/migrate.yaml', line: 1, object: 'Job default/migrate', reason: 'HookFailed' });
  t.is(await value(bench, 'mourn'), 'x');
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
  t.is(await bench.find(JOBS, 'migrate'), undefined, 'deleted by HookFailed');
  const record = await waitFor(async () => (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.find(({ status: s }) => s?.phase === 'Failed'), { what: 'the record' });
  t.deepEqual(record.status?.objects?.map(({ name, hook, outcome }) => ({ name, hook, outcome })), [{ name: 'migrate', hook: 'PreSync', outcome: 'Failed' }, { name: 'mourn', hook: 'SyncFail', outcome: 'Completed' }]);
});

test.serial('a hook without a fixed name gets one for each sync; HookSucceeded deletes it, and PostSync waits for what was applied', async (t) => {
  const bench = await startSyncBench(t, {
    'apps/web.yaml': web('web:1', '0'), 'apps/smoke.yaml': job('generateName: smoke-', { 'argocd.argoproj.io/hook': 'PostSync', 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' }),
  });
  await says(bench, 'Progressing', /waits for Deployment/);
  t.deepEqual((await bench.client.list(JOBS, { namespace: 'default' })).items, []);
  await makeHealthy(bench);
  const [hook] = await waitFor(async () => {
    const { items } = await bench.client.list(JOBS, { namespace: 'default' });
    return items.length > 0 && items;
  }, { what: 'the hook' });
  t.regex(hook?.metadata.name ?? '', /^smoke-[0-9a-f]{8}$/);
  await endJob(bench.client, hook?.metadata.name ?? '', 'Complete');
  await bench.synced();
  t.deepEqual((await bench.client.list(JOBS, { namespace: 'default' })).items, []);
});

test.serial('a wave that does not become healthy in time fails the sync', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await setPolicy(bench, { timeout: '300ms' });
  bench.repository.commit({ 'apps/web.yaml': web('web:1', '-1'), 'apps/one.yaml': config('one', '2') });
  const { status: after } = await waitFor(async () => ((found) => (found.status?.errors?.length ?? 0) > 0 && found)(await bench.application()), { what: 'the failure' });
  t.like(after?.errors?.[0], { path: 'apps/web.yaml', reason: 'HealthTimeout' });
  t.is(await value(bench, 'one'), '1');
});

test.serial('an unknown hook is refused with its line', async (t) => {
  const bench = await startSyncBench(t, { 'apps/migrate.yaml': job('name: migrate', { 'argocd.argoproj.io/hook': 'BeforeAll' }) });
  const { status } = await bench.attempted(bench.repository.git('rev-parse', 'HEAD'));
  t.like(status?.errors?.[0], { path: 'apps/migrate.yaml', line: 5, reason: 'InvalidHook' });
});

test.serial('an immutable field is changed by making the object anew, where its annotation allows it', async (t) => {
  const forced = (image: string): string => job('name: once', { 'argocd.argoproj.io/sync-options': 'Force=true' }, image);
  const bench = await startSyncBench(t, { 'apps/once.yaml': forced('a:1') });
  await bench.synced();
  const before = await bench.find(JOBS, 'once');
  await bench.synced(bench.repository.commit({ 'apps/once.yaml': forced('a:2') }));
  const after = await bench.find(JOBS, 'once');
  t.not(after?.metadata.uid, before?.metadata.uid);
  t.is(after?.spec?.template.spec?.containers[0]?.image, 'a:2');
});

test.serial('with Force=true,Replace=true an object is made anew at each change of it, and of nothing else in its file', async (t) => {
  const forced = (image: string): string => job('name: once', { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' }, image);
  const bench = await startSyncBench(t, { 'apps/once.yaml': `${forced('a:1')}  suspend: true\n---\n${config('one', '1')}` });
  await bench.synced();
  const first = await bench.find(JOBS, 'once');
  await bench.synced(bench.repository.commit({ 'apps/once.yaml': `${forced('a:1')}  suspend: true\n---\n${config('one', '2')}` }));
  t.is((await bench.find(JOBS, 'once'))?.metadata.uid, first?.metadata.uid);
  // This could be changed in place.
  await bench.synced(bench.repository.commit({ 'apps/once.yaml': `${forced('a:1')}  suspend: false\n---\n${config('one', '2')}` }));
  t.not((await bench.find(JOBS, 'once'))?.metadata.uid, first?.metadata.uid);
});
