import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, NAMESPACES, REPOSITORIES, SYNCS } from '#api/resources.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string, notes?: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${notes === undefined ? '' : `  annotations: {${notes}}\n`}data:\n  value: "${value}"\n`;
const value = async (bench: SyncBench, name = 'one'): Promise<string | undefined> => (await bench.find(CONFIG_MAPS, name))?.data?.['value'];
const change = (bench: SyncBench, body: object): Promise<unknown> => bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body });
const annotate = (bench: SyncBench, name: string, text: string): Promise<unknown> => change(bench, { metadata: { annotations: { [name]: text } } });
const says = (bench: SyncBench, reason: string): Promise<unknown> => waitFor(async () => (await bench.application()).status?.conditions?.some((c) => c.type === 'Synced' && c.reason === reason), { what: reason });
const many = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`apps/c${i}.yaml`, config(`c${i}`, '1')]));

test.serial('without automation a commit waits for a request: for itself, or for the newest', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  const first = await bench.synced();
  await change(bench, { spec: { syncPolicy: { automated: false } } });
  await waitFor(async () => (await bench.application()).status?.observedGeneration === (await bench.application()).metadata.generation, { what: 'the new policy' });
  const second = bench.repository.commit({ 'apps/one.yaml': config('one', '2') });
  bench.repository.commit({ 'apps/one.yaml': config('one', '3') });
  await annotate(bench, 'headway.dev/sync', second);
  await waitFor(async () => (await value(bench)) === '2', { what: 'the commit that was asked for' });
  const { status } = await waitFor(async () => {
    const found = await bench.application();
    return found.status?.handledRequest === second && found;
  }, { what: 'the request handled' });
  t.is(status?.syncedRevision, second);
  t.not(status?.syncedRevision, first.status?.syncedRevision);
  await annotate(bench, 'headway.dev/sync', 'now');
  await bench.synced();
  t.is(await value(bench), '3');
  const manual = (await bench.client.list(SYNCS, { namespace: 'headway-system' })).items.filter(({ spec }) => spec.trigger.type === 'Manual');
  t.deepEqual(manual.map(({ spec }) => spec.trigger.by), ['kubectl', 'kubectl']);
});

test.serial('a pinned revision stays, whatever is committed', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  const { status } = await bench.synced();
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', '2') }));
  await change(bench, { spec: { pinnedRevision: status?.syncedRevision } });
  await waitFor(async () => (await value(bench)) === '1', { what: 'the pinned commit' });
  await says(bench, 'Pinned');
  bench.repository.commit({ 'apps/one.yaml': config('one', '3') });
  await change(bench, { spec: { pinnedRevision: null } });
  await bench.synced();
  t.is(await value(bench), '3');
  await says(bench, 'Synced');
});

test.serial('a commit that deletes too much waits as a whole until it is confirmed', async (t) => {
  const bench = await startSyncBench(t, { ...many(12), 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  const head = bench.repository.commit({ ...Object.fromEntries(Object.keys(many(10)).map((path) => [path, null])), 'apps/one.yaml': config('one', '2') });
  const { status } = await bench.attempted(head);
  t.is(status?.errors?.[0]?.reason, 'PruneNotConfirmed');
  t.regex(status?.errors?.[0]?.message ?? '', /10 of 13 objects, more than 50 percent: ConfigMap default\/c0/);
  t.is(await value(bench), '1');
  t.truthy(await bench.find(CONFIG_MAPS, 'c0'));
  await annotate(bench, 'headway.dev/confirm-prune', head);
  await bench.synced(head);
  t.is(await bench.find(CONFIG_MAPS, 'c0'), undefined);
  t.is(await value(bench), '2');
});

test.serial('without pruning, what Git drops is told and kept in the inventory, may be declared elsewhere, and goes when pruning is on again', async (t) => {
  const names = ['keep', 'old', 'hand', 'moved', 'late'];
  const bench = await startSyncBench(t, Object.fromEntries(names.map((name) => [`apps/${name}.yaml`, config(name, '1')])));
  await bench.synced();
  await change(bench, { spec: { syncPolicy: { prune: false } } });
  bench.repository.commit({ 'apps/old.yaml': null, 'apps/hand.yaml': null, 'apps/moved.yaml': null });
  await says(bench, 'OutOfSync');
  const left = async () => (await bench.application()).status?.inventory?.filter(({ requiresPruning }) => requiresPruning).map(({ name }) => name);
  const { status } = await bench.application();
  t.is(status?.syncedRevision, bench.repository.git('rev-parse', 'HEAD'));
  t.regex(status?.conditions?.find(({ type }) => type === 'Synced')?.message ?? '', /2 objects; to be pruned, but spec\.syncPolicy\.prune is false: ConfigMap default\/hand \(apps\/hand\.yaml\), /);
  t.deepEqual(await left(), ['hand', 'moved', 'old']);
  await bench.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'hand' });
  await waitFor(async () => (await left())?.join() === 'moved,old', { what: 'the one that was deleted by hand to be forgotten' });
  await bench.client.create(APPLICATIONS, { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: 'headway-system', name: 'other' }, spec: { repository: 'root', path: 'other' } });
  bench.repository.commit({ 'other/moved.yaml': config('moved', '2') });
  await waitFor(async () => (await value(bench, 'moved')) === '2', { what: 'the one that moved to be taken over' });
  await bench.restart();
  await waitFor(async () => (await left())?.join() === 'old', { what: 'the restart' });
  bench.repository.commit({ 'apps/late.yaml': null });
  await waitFor(async () => (await left())?.join() === 'late,old', { what: 'the next one that Git drops' });
  t.is(await value(bench, 'old'), '1');
  await change(bench, { spec: { syncPolicy: { prune: true } } });
  await bench.synced();
  t.deepEqual([await bench.find(CONFIG_MAPS, 'old'), await bench.find(CONFIG_MAPS, 'late')], [undefined, undefined]);
  t.deepEqual([await value(bench, 'keep'), await value(bench, 'moved')], ['1', '2']);
});

test.serial('manifests that all vanish delete nothing unasked, and an object may ask for a confirmation of its own', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/dear.yaml': config('dear', '1', 'argocd.argoproj.io/sync-options: Prune=confirm') });
  await bench.synced();
  const gone = bench.repository.commit({ 'apps/one.yaml': null, 'apps/dear.yaml': null, 'apps/README.md': 'empty' });
  t.is((await bench.attempted(gone)).status?.errors?.[0]?.reason, 'PruneNotConfirmed');
  bench.repository.git('reset', '--hard', '--quiet', 'HEAD~1');
  const { status } = await bench.attempted(bench.repository.commit({ 'apps/dear.yaml': null }));
  t.regex(status?.errors?.[0]?.message ?? '', /annotated .*ConfigMap default\/dear/);
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'dear')) !== undefined && (await value(bench)) === '1', { what: 'nothing deleted' });
});

test.serial('manifests that are all ignored from now on delete nothing unasked', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1') });
  const { status: before } = await bench.synced();
  await bench.client.patch(REPOSITORIES, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { ignore: ['apps/*.yaml'] } } });
  await says(bench, 'PruneNotConfirmed');
  t.regex((await bench.application()).status?.errors?.[0]?.message ?? '', /deletes 2 of 2 objects, and leaves none/);
  t.deepEqual([await value(bench), await value(bench, 'two')], ['1', '1']);
  await bench.client.patch(REPOSITORIES, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec: { ignore: ['apps/two.yaml'] } } });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'two')) === undefined, { what: 'the one that is ignored to go' });
  t.is(await value(bench), '1');
  t.is((await bench.synced()).status?.syncedRevision, before?.syncedRevision);
});

test.serial('Flux\'s annotations: an object that is not reconciled is neither applied nor healed, one for once is only made', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/once.yaml': config('once', '1', 'kustomize.toolkit.fluxcd.io/ssa: IfNotPresent'), 'apps/paused.yaml': config('paused', '1', 'kustomize.toolkit.fluxcd.io/reconcile: disabled') });
  await bench.synced();
  t.is(await bench.find(CONFIG_MAPS, 'paused'), undefined);
  t.is(await value(bench, 'once'), '1');
  await bench.synced(bench.repository.commit({ 'apps/once.yaml': config('once', '2', 'kustomize.toolkit.fluxcd.io/ssa: IfNotPresent') }));
  t.is(await value(bench, 'once'), '1');
});

test.serial('self-healing that is off looks away; that reports tells, and changes nothing', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  const drift = (data: string): Promise<unknown> => bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { type: 'merge', body: { data: { value: data } } });
  await change(bench, { spec: { syncPolicy: { selfHeal: 'Report' } } });
  await waitFor(async () => (await bench.application()).status?.observedGeneration === (await bench.application()).metadata.generation, { what: 'the new policy' });
  await drift('7');
  await says(bench, 'Drifted');
  t.is(await value(bench), '7');
  await bench.restart();
  t.is(await value(bench), '7');
  await change(bench, { spec: { syncPolicy: { selfHeal: 'Heal' } } });
  await waitFor(async () => (await value(bench)) === '1', { what: 'the drift healed' });
});

test.serial('the destination namespace is made where the Application asks for it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await change(bench, { metadata: { annotations: { 'argocd.argoproj.io/sync-options': 'CreateNamespace=true' } }, spec: { destinationNamespace: 'shop' } });
  await waitFor(() => bench.find(CONFIG_MAPS, 'one', 'shop'), { what: 'the object in it' });
  t.truthy(await bench.find(NAMESPACES, 'shop'));
});

test.serial('Argo CD\'s Replace=true drops what others have set, Validate=false the fields that a kind does not know', async (t) => {
  const options = (text: string): string => `argocd.argoproj.io/sync-options: "${text}"`;
  const bench = await startSyncBench(t, { 'apps/put.yaml': config('put', '1', options('Replace=true')), 'apps/odd.yaml': `${config('odd', '1', options('Validate=false'))}odd: 1\n` });
  await bench.synced();
  t.is(await value(bench, 'odd'), '1');
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'put' }, { type: 'merge', body: { data: { theirs: 'x' } } }, { fieldManager: 'someone' });
  await bench.synced(bench.repository.commit({ 'apps/put.yaml': config('put', '2', options('Replace=true')) }));
  t.deepEqual((await bench.find(CONFIG_MAPS, 'put'))?.data, { value: '2' });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'put' }, { type: 'merge', body: { data: { value: '9' } } }, { fieldManager: 'someone' });
  await waitFor(async () => (await value(bench, 'put')) === '2', { what: 'its drift is healed' });
});

test.serial('drift that is only reported is told as long as it is there, all of it, over commits and restarts; a requested sync undoes it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1') });
  await bench.synced();
  await change(bench, { spec: { syncPolicy: { selfHeal: 'Report' } } });
  await waitFor(async () => (await bench.application()).status?.observedGeneration === (await bench.application()).metadata.generation, { what: 'the new policy' });
  const put = (name: string, to: string) => bench.client.patch(CONFIG_MAPS, { namespace: 'default', name }, { type: 'merge', body: { data: { value: to } } });
  const told = (message: string) => waitFor(async () => (await bench.application()).status?.conditions?.find(({ type }) => type === 'Synced')?.message.replace(/^[^:]*: /, '') === message, { what: message });
  const [one, two] = ['one', 'two'].map((name) => `configmaps/default/${name}: data.value changed by kubectl`);
  await put('one', 'x');
  await told(`${one}`);
  await put('two', 'x');
  await told(`${one}; ${two}`);
  await put('one', '1');
  await told(`${two}`);
  await put('two', '1');
  await told('2 objects');
  // The field is kubectl's by now, and no loss of it tells of the next change.
  await put('one', 'y');
  await told(`${one}`);
  await bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { status: { conditions: [] } } }, { subresource: 'status' });
  await bench.restart();
  await told(`${one}`);
  bench.repository.commit({ 'apps/two.yaml': config('two', '2') });
  await waitFor(async () => (await value(bench, 'two')) === '2', { what: 'the commit' });
  await told(`${one}`);
  t.is(await value(bench), 'y');
  // A commit while nothing runs is what it is: no more than what it changes.
  await bench.restart(() => bench.repository.commit({ 'apps/two.yaml': config('two', '3') }));
  await waitFor(async () => (await value(bench, 'two')) === '3', { what: 'the commit, after the restart' });
  await told(`${one}`);
  t.is(await value(bench), 'y');
  await annotate(bench, 'headway.dev/sync', 'as it was');
  // What is told of the commit may come only now: the object is seen before the status of its sync.
  await waitFor(async () => (await bench.application()).status?.handledRequest === 'as it was', { what: 'the request handled' });
  await told('2 objects');
  t.is(await value(bench), '1');
  await bench.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'two' });
  await told('configmaps/default/two was deleted');
});

test.serial('without self-healing a requested sync undoes what others changed', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await change(bench, { spec: { syncPolicy: { selfHeal: 'Off' } } });
  await waitFor(async () => (await bench.application()).status?.observedGeneration === (await bench.application()).metadata.generation, { what: 'the new policy' });
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { type: 'merge', body: { data: { value: 'x' } } });
  await annotate(bench, 'headway.dev/sync', 'now');
  await waitFor(async () => (await value(bench)) === '1', { what: 'the value of Git' });
  const { status } = await waitFor(async () => ((found) => found.status?.handledRequest === 'now' && found)(await bench.application()), { what: 'the request handled' });
  t.is(status?.conditions?.find(({ type }) => type === 'Synced')?.reason, 'Synced');
});
