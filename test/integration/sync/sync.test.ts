import test from 'ava';
import { APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, SERVICE_ACCOUNTS, SERVICES } from '#api/resources.ts';
import { startSyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: "${value}"\n`;
const deployment = (replicas: number | string, extra = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: demo\nspec:\n  replicas: ${replicas}\n${extra}  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: web:1\n`;
const ROOT = { namespace: 'headway-system', name: 'root' };
const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: demo\n';
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: demo}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n';
const FILES = { 'apps/demo/all.yaml': `${SERVICE}---\n${deployment(2)}---\n${NAMESPACE}`, 'apps/one.yaml': config('one', '1'), 'apps/two.yaml': config('two', '1'), 'apps/README.md': '# no manifest' };

test.serial('the first sync applies everything, with where it came from, and records the inventory', async (t) => {
  const bench = await startSyncBench(t, FILES);
  const { status } = await bench.synced();
  const head = bench.repository.git('rev-parse', 'HEAD');
  t.deepEqual(status?.inventory?.map(({ kind, name, path }) => `${kind} ${name} ${path}`), ['Service web apps/demo/all.yaml', 'Deployment web apps/demo/all.yaml', 'Namespace demo apps/demo/all.yaml', 'ConfigMap one apps/one.yaml', 'ConfigMap two apps/two.yaml']);
  const web = await bench.find(DEPLOYMENTS, 'web', 'demo');
  t.like(web?.metadata.annotations, { 'headway.dev/commit': head, 'headway.dev/path': 'apps/demo/all.yaml', 'headway.dev/author': 'Ada <ada@example.org>' });
  t.is(web?.metadata.labels?.['headway.dev/application'], 'headway-system.root');
  t.truthy(await bench.find(SERVICES, 'web', 'demo'));
});

test.serial('a commit of one file writes one object; its revert brings it back', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const before = await bench.find(CONFIG_MAPS, 'one');
  const untouched = await bench.find(DEPLOYMENTS, 'web', 'demo');
  await bench.synced(bench.repository.commit({ 'apps/two.yaml': config('two', '2') }));
  t.deepEqual((await bench.find(CONFIG_MAPS, 'two'))?.data, { value: '2' });
  t.is((await bench.find(CONFIG_MAPS, 'one'))?.metadata.resourceVersion, before?.metadata.resourceVersion);
  t.is((await bench.find(DEPLOYMENTS, 'web', 'demo'))?.metadata.resourceVersion, untouched?.metadata.resourceVersion);
  bench.repository.git('revert', '--no-edit', 'HEAD');
  await bench.synced();
  t.deepEqual((await bench.find(CONFIG_MAPS, 'two'))?.data, { value: '1' });
});

test.serial('what Git no longer names is pruned, unless it is protected', async (t) => {
  const kept = config('kept', '1').replace('  name: kept', '  name: kept\n  annotations: {headway.dev/prune: disabled}');
  const bench = await startSyncBench(t, { ...FILES, 'apps/kept.yaml': kept });
  await bench.synced();
  const { status } = await bench.synced(bench.repository.commit({ 'apps/one.yaml': null, 'apps/kept.yaml': null }));
  t.is(await bench.find(CONFIG_MAPS, 'one'), undefined);
  t.truthy(await bench.find(CONFIG_MAPS, 'kept'));
  t.false(status?.inventory?.some(({ name }) => name === 'one') ?? true);
});

test.serial('a folder that is gone is an error, and nothing is pruned', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const { status } = await bench.attempted(bench.repository.commit({ apps: null }));
  t.is(status?.errors?.[0]?.reason, 'PathNotFound');
  t.truthy(await bench.find(CONFIG_MAPS, 'one'));
});

const broken = [
  { name: 'bad YAML', files: { 'apps/one.yaml': `${config('one', '2')}  bad: [\n` }, path: 'apps/one.yaml', line: 7, reason: 'InvalidYAML' },
  { name: 'an unknown kind', files: { 'apps/new.yaml': 'apiVersion: v1\n# what is this\nkind: Gadget\nmetadata: {name: x}\n' }, path: 'apps/new.yaml', line: 3, reason: 'UnknownKind' },
  { name: 'an unknown field', files: { 'apps/web.yaml': deployment(2, '  foo: bar\n').replace('name: web', 'name: other') }, path: 'apps/web.yaml', line: 8, reason: 'InvalidObject', message: /unknown field "spec\.foo"/ },
  { name: 'an invalid value', files: { 'apps/web.yaml': deployment(-1).replace('name: web', 'name: other') }, path: 'apps/web.yaml', line: 7, reason: 'InvalidObject', message: /spec\.replicas/ },
  { name: 'a value of the wrong type', files: { 'apps/web.yaml': deployment('many').replace('name: web', 'name: other') }, path: 'apps/web.yaml', line: 7, reason: 'InvalidObject' },
  { name: 'an object that two files declare', files: { 'apps/three.yaml': config('two', '9') }, path: 'apps/three.yaml', line: 1, reason: 'DuplicateObject', message: /apps\/two\.yaml:1/ },
  { name: 'an object in a namespace that is nowhere', files: { 'apps/lost.yaml': config('lost', '1').replace('  name: lost', '  name: lost\n  namespace: nowhere') }, path: 'apps/lost.yaml', line: 5, reason: 'NamespaceNotFound', message: /namespaces "nowhere" not found/ },
  { name: 'an object that is too large', files: { 'apps/large.yaml': config('large', 'x'.repeat(1_200_000)) }, path: 'apps/large.yaml', line: 1, reason: 'InvalidObject', message: /may not be more than 1048576 bytes/ },
] as const;
for (const { name, files, path, line, reason, ...expected } of broken) {
  test.serial(`nothing of a commit with ${name} is applied; file and line are named, and the next good commit waits for no other try`, async (t) => {
    const bench = await startSyncBench(t, FILES);
    await bench.client.patch(APPLICATIONS, ROOT, { type: 'merge', body: { spec: { syncPolicy: { retry: { interval: '1h' } } } } });
    const good = await bench.synced();
    const { status } = await bench.attempted(bench.repository.commit({ 'apps/one.yaml': config('one', 'bad'), ...files }));
    t.is(status?.syncedRevision, good.status?.syncedRevision);
    t.like(status?.errors?.[0], { path, line, reason }, JSON.stringify(status?.errors));
    if ('message' in expected) t.regex(status?.errors?.[0]?.message ?? '', expected.message);
    t.true(status?.conditions?.some((c) => c.type === 'Synced' && c.status === 'False' && c.reason === reason && c.message.includes(`${path}:${line}`)));
    t.true(bench.events.some((event) => event.type === 'Warning' && event.reason === reason && event.message.includes(`${path}:${line}`)));
    t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { value: '1' });
    bench.repository.git('reset', '--hard', '--quiet', 'HEAD~1');
    const { status: after } = await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', '3') }));
    t.deepEqual(after?.errors ?? [], []);
    t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { value: '3' });
  });
}

test.serial('a changed field and a deleted object are put back, with an Event that names who did it', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  await bench.client.patch(DEPLOYMENTS, { namespace: 'demo', name: 'web' }, { type: 'merge', body: { spec: { replicas: 7 } } }, { fieldManager: 'kubectl-scale' });
  await waitFor(async () => (await bench.find(DEPLOYMENTS, 'web', 'demo'))?.spec?.replicas === 2, { what: 'replicas healed' });
  await waitFor(() => bench.events.some(({ reason, message }) => reason === 'DriftHealed' && message.includes('kubectl-scale') && message.includes('spec.replicas')), { what: 'the Event' });
  await bench.client.delete(SERVICES, { namespace: 'demo', name: 'web' });
  t.truthy(await waitFor(() => bench.find(SERVICES, 'web', 'demo'), { what: 'service made again' }));
});

test.serial('fields that sync does not own are left alone', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  await bench.client.patch(CONFIG_MAPS, { namespace: 'default', name: 'one' }, { type: 'merge', body: { data: { theirs: 'x' } } }, { fieldManager: 'someone' });
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', '2') }));
  t.deepEqual((await bench.find(CONFIG_MAPS, 'one'))?.data, { theirs: 'x', value: '2' });
  t.false(bench.events.some(({ reason }) => reason === 'DriftHealed'));
});

test.serial('of a burst of commits the newest wins, and nothing of the others is left', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  for (let i = 0; i < 10; i++) bench.repository.commit({ [`apps/burst-${i}.yaml`]: config(`burst-${i}`, '1'), ...(i > 0 ? { [`apps/burst-${i - 1}.yaml`]: null } : {}) });
  await bench.synced();
  const found = await bench.client.list(CONFIG_MAPS, { namespace: 'default' });
  t.deepEqual(found.items.map(({ metadata }) => metadata.name).filter((name) => name?.startsWith('burst')), ['burst-9']);
});

test.serial('a namespace comes in one transaction with what is in it', async (t) => {
  const bench = await startSyncBench(t, { 'apps/one.yaml': config('one', '1') });
  await bench.synced();
  await bench.synced(bench.repository.commit({ 'apps/demo.yaml': FILES['apps/demo/all.yaml'] }));
  t.truthy(await bench.find(NAMESPACES, 'demo'));
  t.truthy(await bench.find(DEPLOYMENTS, 'web', 'demo'));
});

test.serial('a missing image shows as Degraded with the reason, the file and the line, and delays no later commit', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await bench.synced();
  const web = { namespace: 'demo', name: 'web' };
  const generation = (await bench.find(DEPLOYMENTS, 'web', 'demo'))?.metadata.generation;
  await bench.client.patch(DEPLOYMENTS, web, { type: 'merge', body: { status: { observedGeneration: generation, replicas: 1, updatedReplicas: 1 } } }, { subresource: 'status' });
  await bench.client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'demo', name: 'default' } });
  await bench.client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'demo', name: 'web-1', labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nowhere.invalid/web:1' }] } });
  const waiting = { name: 'web', image: 'x', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff', message: 'nowhere.invalid/web:1: not found' } } };
  await bench.client.patch(PODS, { namespace: 'demo', name: 'web-1' }, { type: 'merge', body: { status: { phase: 'Pending', containerStatuses: [waiting] } } }, { subresource: 'status' });
  const told = /Deployment demo\/web \(apps\/demo\/all\.yaml:8\): pod web-1: container web: ImagePullBackOff: nowhere/;
  await waitFor(async () => (await bench.application()).status?.conditions?.some((c) => c.type === 'Healthy' && c.reason === 'Degraded' && told.test(c.message)), { what: 'the condition' });
  t.true(bench.events.some(({ type, reason, message }) => type === 'Warning' && reason === 'Degraded' && told.test(message)));
  await bench.synced(bench.repository.commit({ 'apps/one.yaml': config('one', 'fixed') }));
});

test.serial('a deleted Application takes its objects along', async (t) => {
  const bench = await startSyncBench(t, FILES);
  const { metadata } = await bench.synced();
  await bench.client.delete(APPLICATIONS, { namespace: metadata.namespace, name: metadata.name ?? '' });
  await waitFor(async () => (await bench.find(CONFIG_MAPS, 'one')) === undefined && (await bench.find(APPLICATIONS, 'root', 'headway-system')) === undefined, { what: 'everything gone' });
  t.is(await bench.find(DEPLOYMENTS, 'web', 'demo'), undefined);
});

test.serial('a pod is made as soon as its new namespace has a service account', async (t) => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: lone, namespace: new}\nspec:\n  containers: [{name: a, image: a}]\n';
  const bench = await startSyncBench(t, { 'apps/pod.yaml': `${pod}---\n${NAMESPACE.replace('demo', 'new')}` });
  await waitFor(() => bench.find(NAMESPACES, 'new'), { what: 'the namespace' });
  await bench.client.create(SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'new', name: 'default' } });
  await bench.synced();
  t.truthy(await bench.find(PODS, 'lone', 'new'));
});
