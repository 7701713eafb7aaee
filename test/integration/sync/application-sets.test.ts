import test from 'ava';
import type { Application, ApplicationSet, Generator, SetDeletionPolicy } from '#api/headway/v1/types.ts';
import { APPLICATION_SETS, APPLICATIONS, CONFIG_MAPS, SECRETS } from '#api/resources.ts';
import { startPullRequestServer } from '#test/support/pull-request-server.ts';
import { type SyncBench, startSyncBench } from '#test/support/sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const NAMESPACE = 'headway-system';
const config = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;
const FILES = { 'apps/root.yaml': config('root', '1'), 'teams/a/one.yaml': config('a', '1'), 'teams/b/one.yaml': config('b', '1'), 'teams/c/one.yaml': config('c', '1') };
const DIRECTORIES: Generator = { directories: { repository: 'root', paths: ['teams/*'] } };

const createSet = (bench: SyncBench, generators: readonly Generator[], more: { readonly deletion?: SetDeletionPolicy; readonly name?: string; readonly spec?: object } = {}): Promise<ApplicationSet> =>
  bench.client.create(APPLICATION_SETS, {
    apiVersion: 'headway.dev/v1', kind: 'ApplicationSet', metadata: { namespace: NAMESPACE, name: 'set' },
    spec: { generators, ...(more.deletion ? { deletion: more.deletion } : {}), template: { metadata: { name: more.name ?? 'team-{{path.basename}}' }, spec: { repository: 'root', path: '{{path}}', ...more.spec } } },
  });
const change = (bench: SyncBench, body: object) => bench.client.patch(APPLICATION_SETS, { namespace: NAMESPACE, name: 'set' }, { type: 'merge', body });

async function ready(bench: SyncBench, message: RegExp): Promise<ApplicationSet> {
  let last: unknown;
  return waitFor(async () => {
    const set = await bench.client.get(APPLICATION_SETS, { namespace: NAMESPACE, name: 'set' });
    last = set.status;
    return set.status?.conditions?.some((c) => message.test(`${c.status} ${c.reason}: ${c.message}`)) ? set : undefined;
  }, { what: String(message), intervalMs: 5 }).catch((error: Error) => { throw new Error(`${error.message}; its status is ${JSON.stringify(last)}`); });
}
const made = async (bench: SyncBench): Promise<readonly Application[]> => (await bench.client.list(APPLICATIONS, { namespace: NAMESPACE })).items.filter(({ metadata }) => metadata.name !== 'root');
const names = async (bench: SyncBench): Promise<readonly string[]> => (await made(bench)).map(({ metadata }) => metadata.name ?? '').toSorted();
const madeAre = (bench: SyncBench, ...expected: readonly string[]) => waitFor(async () => JSON.stringify(await names(bench)) === JSON.stringify(expected), { what: `the Applications are ${expected.join(', ')}`, intervalMs: 5 });
const gone = (bench: SyncBench, name: string) => waitFor(async () => (await bench.find(CONFIG_MAPS, name)) === undefined, { what: `${name} gone`, intervalMs: 5 });

test.serial('a folder of the repository is an Application, made and removed with it', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [DIRECTORIES]);
  const { status } = await ready(bench, /^True Generated: 3 Applications/);
  t.deepEqual(status?.applications, ['team-a', 'team-b', 'team-c']);
  await waitFor(() => bench.find(CONFIG_MAPS, 'c'), { what: 'the object of a generated Application' });
  bench.repository.commit({ 'teams/c/one.yaml': null, 'teams/d/one.yaml': config('d', '1') });
  await madeAre(bench, 'team-a', 'team-b', 'team-d');
  await gone(bench, 'c');
});

test.serial('only Applications that change are written', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [DIRECTORIES, { list: { elements: [{ path: 'apps', 'path.basename': 'listed' }] } }]);
  await ready(bench, /^True Generated: 4/);
  const generations = async () => (await made(bench)).map(({ metadata }) => `${metadata.name} ${metadata.generation}`).toSorted();
  t.deepEqual(await generations(), ['team-a 1', 'team-b 1', 'team-c 1', 'team-listed 1']);
  await change(bench, { spec: { generators: [DIRECTORIES, { list: { elements: [{ path: 'teams', 'path.basename': 'listed' }] } }] } });
  await waitFor(async () => (await generations()).includes('team-listed 2'), { what: 'the changed Application' });
  t.deepEqual(await generations(), ['team-a 1', 'team-b 1', 'team-c 1', 'team-listed 2']);
});

test.serial('what somebody changes or deletes is made again as the set has it', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [DIRECTORIES]);
  await ready(bench, /^True Generated: 3/);
  await bench.client.patch(APPLICATIONS, { namespace: NAMESPACE, name: 'team-a' }, { type: 'merge', body: { spec: { path: 'apps' } } }, { fieldManager: 'kubectl' });
  await waitFor(async () => (await bench.find(APPLICATIONS, 'team-a', NAMESPACE))?.spec.path === 'teams/a', { what: 'its folder again' });
  const before = (await bench.find(APPLICATIONS, 'team-b', NAMESPACE))?.metadata.uid;
  await bench.client.delete(APPLICATIONS, { namespace: NAMESPACE, name: 'team-b' });
  const again = await waitFor(async () => {
    const found = await bench.find(APPLICATIONS, 'team-b', NAMESPACE);
    return found?.metadata.uid === before ? undefined : found;
  }, { what: 'another team-b' });
  t.is(again.spec.path, 'teams/b');
});

test.serial('more deletions than the limit wait for a confirmation', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [DIRECTORIES], { deletion: { limit: 1 } });
  await ready(bench, /^True Generated: 3/);
  bench.repository.commit({ 'teams/b/one.yaml': null, 'teams/c/one.yaml': null });
  const { status } = await ready(bench, /^False DeletionPending: 2 Applications would be deleted/);
  t.deepEqual(status?.pending?.deletions, ['team-b', 'team-c']);
  t.deepEqual(await names(bench), ['team-a', 'team-b', 'team-c']);
  await change(bench, { metadata: { annotations: { 'headway.dev/confirm-deletion': status?.pending?.revision } } });
  await madeAre(bench, 'team-a');
  const after = await ready(bench, /^True Generated: 1/);
  t.is(after.status?.pending, undefined);
});

test.serial('a generator that fails, and a template that does not fit, delete nothing', async (t) => {
  const bench = await startSyncBench(t, { ...FILES, 'envs.yaml': '- {path: teams/a, path.basename: x}\n' });
  await createSet(bench, [DIRECTORIES]);
  await ready(bench, /^True Generated: 3/);
  await change(bench, { spec: { generators: [{ files: { repository: 'root', paths: ['envs.yaml'] } }, { directories: { repository: 'nowhere', paths: ['*'] } }] } });
  await ready(bench, /^False SourceNotReady: Repository headway-system\/nowhere does not exist; nothing is changed/);
  t.deepEqual(await names(bench), ['team-a', 'team-b', 'team-c']);
  bench.repository.commit({ 'envs.yaml': 'a: [\n' });
  await change(bench, { spec: { generators: [{ files: { repository: 'root', paths: ['envs.yaml'] } }] } });
  await ready(bench, /^False InvalidFile: envs\.yaml:1: /);
  t.deepEqual(await names(bench), ['team-a', 'team-b', 'team-c']);
  await change(bench, { spec: { generators: [{ list: { elements: [{ name: 'x' }] } }] } });
  await ready(bench, /^False TemplateInvalid: spec\.template\.metadata\.name: there is no parameter "path\.basename"; there are name/);
  t.deepEqual(await names(bench), ['team-a', 'team-b', 'team-c']);
});

test.serial('an Application that the API refuses is told, and the others are made', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [{ list: { elements: [{ name: 'good', path: 'apps' }, { name: 'bad', path: '../apps' }] } }], { name: '{{name}}' });
  await ready(bench, /^False Refused: Application bad: .*spec\.path/);
  t.deepEqual(await names(bench), ['good']);
});

test.serial('Orphan leaves Applications and their objects when the set no longer gives them, and when it is deleted', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [DIRECTORIES], { deletion: { mode: 'Orphan' } });
  await ready(bench, /^True Generated: 3/);
  await waitFor(() => bench.find(CONFIG_MAPS, 'c'), { what: 'the object of a generated Application' });
  bench.repository.commit({ 'teams/c/two.yaml': config('c', '1'), 'teams/c/one.yaml': null });
  await change(bench, { spec: { generators: [{ directories: { repository: 'root', paths: ['teams/*', '!teams/c'] } }] } });
  await ready(bench, /^True Generated: 2/);
  const orphan = await waitFor(async () => {
    const found = await bench.find(APPLICATIONS, 'team-c', NAMESPACE);
    return found?.metadata.labels?.['headway.dev/application-set'] === undefined ? found : undefined;
  }, { what: 'team-c released' });
  t.is(orphan.metadata.ownerReferences, undefined);
  t.truthy(await bench.find(CONFIG_MAPS, 'c'));
});

test.serial('clusters are Secrets with the label, as they come and go', async (t) => {
  const bench = await startSyncBench(t, FILES);
  await createSet(bench, [{ clusters: { selector: { matchLabels: { tier: 'edge' } } } }], { name: 'on-{{name}}', spec: { path: 'apps', render: { variables: { SERVER: '{{server}}' } } } });
  await ready(bench, /^True Generated: 0/);
  const secret = (name: string, labels: object) => bench.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACE, name, labels: { 'headway.dev/cluster': 'true', ...labels } }, stringData: { server: `https://${name}` } });
  await secret('core', {});
  await secret('east', { tier: 'edge' });
  await madeAre(bench, 'on-east');
  t.deepEqual((await made(bench))[0]?.spec.render?.variables, { SERVER: 'https://east' });
  await bench.client.delete(SECRETS, { namespace: NAMESPACE, name: 'east' });
  await madeAre(bench);
});

test.serial('an open pull request has an Application at its newest commit, until it is merged', async (t) => {
  const bench = await startSyncBench(t, FILES);
  const server = await startPullRequestServer(t, 'GitHub', 'shop/web');
  server.token = 'sesame';
  await bench.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACE, name: 'github' }, stringData: { token: 'sesame\n' } });
  const commit = (value: string): string => {
    const sha = bench.repository.commit({ 'preview/config.yaml': config('preview-${NUMBER}', value) });
    return sha;
  };
  bench.repository.git('checkout', '--quiet', '-b', 'feature/login');
  const first = commit('first');
  server.pulls = [{ number: 12, branch: 'feature/login', sha: first }];
  const generator: Generator = { pullRequests: { provider: 'GitHub', repository: 'shop/web', apiURL: server.url, secretRef: { name: 'github' }, pollInterval: '1s' } };
  await createSet(bench, [generator], { name: 'pr-{{number}}', spec: { path: 'preview', pinnedRevision: '{{head_sha}}', render: { variables: { NUMBER: '{{number}}' } } } });
  await madeAre(bench, 'pr-12');
  const preview = async () => (await bench.find(CONFIG_MAPS, 'preview-12'))?.data?.['value'];
  await waitFor(async () => (await preview()) === 'first', { what: 'the first commit in the preview' });
  server.pulls = [{ number: 12, branch: 'feature/login', sha: commit('second') }];
  await waitFor(async () => (await preview()) === 'second', { what: 'the second commit in the preview' });
  server.failure = { status: 503, body: '{"message": "maintenance"}' };
  await ready(bench, /^False ProviderFailed: .* answered 503: maintenance; nothing is changed/);
  t.deepEqual(await names(bench), ['pr-12']);
  server.failure = undefined;
  server.pulls = [];
  await madeAre(bench);
  await gone(bench, 'preview-12');
  t.true(server.requests.every((request) => !request.includes('sesame')));
});
