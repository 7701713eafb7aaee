import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Event } from '#api/generated/core/v1.ts';
import type { Application, Repository, Sync } from '#api/headway/v1/types.ts';
import type { ObjectList } from '#api/object.ts';
import { freePort } from '#test/support/free-port.ts';
import { type GitServer, type ServedRepository, startGitServer } from '#test/support/git-server.ts';
import { exec, type ExecResult, ROOT, TestHeadway } from '#test/support/headway.ts';
import { startSshServer } from '#test/support/ssh-server.ts';
import { createTemporaryRepository, type TemporaryRepository } from '#test/support/temporary-repository.ts';
import { waitFor } from '#test/support/wait.ts';

const PASSWORD = 's3cret-word';
const TOKEN = 'webhook-word';
const REPLICAS = 'overlays/prod/replicas.yaml';
/** This machine may run every other test at the same time. */
const PATIENCE_MS = 60_000;

const webhookPort = await freePort();
const headway = new TestHeadway({ flags: ['--nodes', 'simulated:1', '--webhook-port', String(webhookPort), '--webhook-address', '127.0.0.1'] });
const undoing: (() => unknown)[] = [];
const later = { teardown: (undo: () => unknown): void => void undoing.push(undo) };
let server: GitServer;
let shop: ServedRepository;
let ops: TemporaryRepository;
let opsUrl: string;

test.before(async (t) => {
  t.timeout(180_000);
  server = await startGitServer(later);
  shop = await server.create('shop');
  server.setCredentials({ username: 'ada', password: PASSWORD });
  // As a provider does for each push, whoever pushes.
  server.onPush((updates) => { for (const { ref } of updates) void tellOfPush(ref).catch(() => undefined); });
  const ssh = await startSshServer(later);
  ops = await createTemporaryRepository();
  later.teardown(() => ops.dispose());
  opsUrl = ssh.url(ops.path);
  ops.commit({ 'settings.yaml': settings('1') });
  writeFileSync(join(headway.directory, 'ca.crt'), server.caPem);
  writeFileSync(join(headway.directory, '.gitconfig'), `[user]\n\tname = Grace\n\temail = grace@example.org\n[credential]\n\thelper = "!f() { echo username=ada; echo password=${PASSWORD}; }; f"\n`);
  await headway.up();
  await createSecret('git', { username: 'ada', password: PASSWORD, 'ca.crt': server.caPem });
  await createSecret('hook', { token: TOKEN });
  await createSecret('ssh', { identity: ssh.identity, known_hosts: ssh.knownHosts });
});
test.afterEach.always(async (t) => {
  if (!t.passed) t.log(await headway.describe());
});
test.after.always(async () => {
  await headway.cleanUp();
  for (const undo of undoing.toReversed()) await undo();
});

const settings = (value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\ndata:\n  value: "${value}"\n`;
const replicas = (count: number | string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: ${count}\n`;
const applicationYaml = (name: string, repository: string, rest: string): string =>
  `---\napiVersion: headway.dev/v1\nkind: Application\nmetadata: {name: ${name}, namespace: headway-system}\nspec:\n  repository: ${repository}\n  destinationNamespace: shop\n${rest}`;
const repositoryYaml = (name: string, spec: object): string => `---\n${JSON.stringify({ apiVersion: 'headway.dev/v1', kind: 'Repository', metadata: { name, namespace: 'headway-system' }, spec })}\n`;

const rootFile = (): string => 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
  // Nothing but a webhook will tell of a push within the time of this test.
  + repositoryYaml('shop', { url: shop.url, secretRef: { name: 'git' }, webhook: { secretRef: { name: 'hook' } }, pollInterval: '24h' })
  + repositoryYaml('ops', { url: opsUrl, secretRef: { name: 'ssh' }, pollInterval: '1s' })
  + applicationYaml('overlay', 'shop', '  path: overlays/prod\n')
  + applicationYaml('chart', 'shop', '  path: chart\n  render: {helm: {valueFiles: [../values/prod.yaml]}}\n')
  + applicationYaml('hooked', 'shop', '  path: hooked\n')
  + applicationYaml('ops', 'ops', '  path: ""\n');

/** The overlay, the chart and the chart with hooks of the rendering tests. */
function gitopsFiles(): Readonly<Record<string, string>> {
  const source = join(ROOT, 'test/testdata/gitops');
  const paths = (readdirSync(source, { recursive: true }) as string[]).filter((path) => statSync(join(source, path)).isFile() && !path.startsWith('broken'));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(source, path), 'utf8')]));
}

const createSecret = (name: string, data: Readonly<Record<string, string>>): Promise<string> =>
  headway.kubectl('-n', 'headway-system', 'create', 'secret', 'generic', name, ...Object.entries(data).map(([key, value]) => `--from-literal=${key}=${value}`));

async function tellOfPush(ref: string, token = TOKEN): Promise<number> {
  const body = JSON.stringify({ ref });
  const headers = { 'content-type': 'application/json', 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${createHmac('sha256', token).update(body).digest('hex')}` };
  return (await fetch(`http://127.0.0.1:${webhookPort}/hooks/headway-system/shop`, { method: 'POST', headers, body })).status;
}

const isOpen = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection(port, '127.0.0.1', () => {
    socket.destroy();
    resolve(true);
  });
  socket.once('error', () => resolve(false));
});

/** `headway` as somebody whose own git may reach the server. */
const asGrace = (...args: readonly string[]): Promise<ExecResult> =>
  exec(join(ROOT, 'bin/headway'), [...args, '--data-dir', headway.dataDir], { env: { HOME: headway.directory, XDG_CACHE_HOME: join(headway.directory, 'cache'), GIT_CONFIG_GLOBAL: join(headway.directory, '.gitconfig'), GIT_CONFIG_NOSYSTEM: '1', GIT_SSL_CAINFO: join(headway.directory, 'ca.crt') }, cwd: shop.clone.path });
const application = (name: string): Promise<Application> => headway.json<Application>('-n', 'headway-system', 'get', 'application', name);
const repository = (name: string): Promise<Repository> => headway.json<Repository>('-n', 'headway-system', 'get', 'repository', name);
const replicasOf = async (name: string): Promise<number | undefined> => (await headway.json<Deployment>('-n', 'shop', 'get', 'deployment', name)).spec.replicas;
const becomes = (replicasNow: number): Promise<unknown> => waitFor(async () => (await replicasOf('prod-web')) === replicasNow, { what: `${replicasNow} replicas`, timeoutMs: PATIENCE_MS, intervalMs: 200 });

/** Applied in full and without drift at a commit. */
const synced = (name: string, revision: string): Promise<Application> => waitFor(async () => {
  const found = await application(name);
  return found.status?.syncedRevision === revision && found.status.conditions?.some(({ type, status }) => type === 'Synced' && status === 'True') ? found : undefined;
}, { what: `${name} to be synced at ${revision}`, timeoutMs: PATIENCE_MS, intervalMs: 200 });

const head = (): string => shop.clone.git('rev-parse', 'HEAD');

test.serial('over https with a password and over ssh with a key: an overlay, a chart, a chart with hooks and plain files are applied', async (t) => {
  t.timeout(4 * PATIENCE_MS);
  t.false(await isOpen(webhookPort), 'no webhook, no port');
  const first = shop.commit(gitopsFiles(), 'The shop');
  headway.repository.write('clusters/demo/shop.yaml', rootFile());
  headway.repository.commit('Follow the shop');
  await Promise.all([...['overlay', 'chart', 'hooked'].map((name) => synced(name, first)), synced('ops', ops.git('rev-parse', 'HEAD'))]);
  t.is(await replicasOf('prod-web'), 3);
  t.is(await replicasOf('chart-web'), 2);
  t.is(await headway.kubectl('-n', 'shop', 'get', 'configmap', 'settings', '-o', 'jsonpath={.data.value}'), '1');
  t.is(await headway.kubectl('-n', 'shop', 'get', 'job', 'hooked-migrate', '-o', 'jsonpath={.status.succeeded}'), '1', 'the hook ran before the chart was applied');
  t.regex(await headway.kubectl('get', 'app,repo,syncs', '-A'), /application\.headway\.dev\/overlay .*\bTrue +True\b/);
});

test.serial('a webhook has a push converged; a forged one is refused', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  await waitFor(() => isOpen(webhookPort), { what: 'the webhook port' });
  t.is(await tellOfPush('refs/heads/main', 'wr0ng'), 401);
  const second = shop.commit({ [REPLICAS]: replicas(4) }, 'Four of them');
  await synced('overlay', second);
  t.is(await replicasOf('prod-web'), 4);
  await synced('chart', second);
});

test.serial('a push over ssh is found by polling', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  await synced('ops', ops.commit({ 'settings.yaml': settings('2') }));
  t.is(await headway.kubectl('-n', 'shop', 'get', 'configmap', 'settings', '-o', 'jsonpath={.data.value}'), '2');
});

test.serial('what kubectl changes is put back, and an Event says who and where', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  await headway.kubectl('-n', 'shop', 'scale', 'deployment', 'prod-web', '--replicas=1');
  await becomes(4);
  const event = await waitFor(async () => (await headway.json<ObjectList<Event>>('-n', 'headway-system', 'get', 'events')).items.find(({ reason, involvedObject }) => reason === 'DriftHealed' && involvedObject.name === 'overlay'), { what: 'the Event', timeoutMs: PATIENCE_MS });
  t.regex(event.message ?? '', /Deployment shop\/prod-web: kubectl had changed spec\.replicas/);
  await waitFor(async () => (await headway.json<ObjectList<Sync>>('-n', 'headway-system', 'get', 'syncs')).items.some(({ spec }) => spec.application === 'overlay' && spec.trigger.type === 'Drift' && spec.trigger.by === 'kubectl'), { what: 'the record', timeoutMs: PATIENCE_MS });
});

test.serial('blame names commit, file and line through the overlay and through the chart; log tells of commits and syncs', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  const overlay = await asGrace('blame', 'deployment/prod-web', '-n', 'shop');
  t.regex(overlay.stdout, new RegExp(`^${head().slice(0, 8)}  Ada .* ${REPLICAS}:6 .*\\|   replicas: 4$`, 'm'), overlay.stderr);
  const chart = await asGrace('blame', 'deployment/chart-web', '-n', 'shop');
  t.regex(chart.stdout, /^[0-9a-f]{8} {2}Ada .* values\/prod\.yaml:1 .*\| {3}replicas: 2$/m, chart.stderr);
  const log = await asGrace('log', 'deployment/prod-web', '-n', 'shop');
  t.regex(log.stdout, /^sync .*Drift by kubectl$[^]*^ {4}Four of them$[^]*^ {4}The shop$/m, log.stderr);
});

test.serial('the plan of a branch ends with 0 without changes, 1 with changes that were asked for, 2 with what would be refused', async (t) => {
  t.timeout(2 * PATIENCE_MS);
  const plan = (...args: readonly string[]): Promise<ExecResult> => asGrace('plan', '--path', 'overlays/prod', '--exit-code', ...args);
  const same = await plan();
  t.is(same.code, 0, same.stderr);
  shop.clone.git('switch', '--quiet', '--create', 'more');
  shop.clone.commit({ [REPLICAS]: replicas(6) }, 'Six of them');
  const more = await plan();
  t.is(more.code, 1, more.stderr);
  t.regex(more.stdout, /~ Deployment (?:default\/)?prod-web .*\n[^]*- {2}replicas: 4\n[^]*\+ {2}replicas: 6\n/);
  shop.clone.commit({ [REPLICAS]: replicas(-1) }, 'None of them');
  const wrong = await plan();
  t.is(wrong.code, 2, wrong.stderr);
  t.regex(wrong.stdout, /spec\.replicas: Invalid value: -1/);
  shop.clone.git('switch', '--quiet', 'main');
  t.is(await replicasOf('prod-web'), 4, 'a plan changes nothing');
});

test.serial('a rollback is a commit that is pushed, and the Application goes on following its branch', async (t) => {
  t.timeout(3 * PATIENCE_MS);
  const rolled = await asGrace('rollback', 'overlay', '--to', 'HEAD~1');
  t.is(rolled.code, 0, rolled.stderr + rolled.stdout);
  shop.clone.git('pull', '--quiet', '--ff-only', 'origin', 'main');
  t.is(shop.clone.git('show', '-s', '--format=%an: %s', 'HEAD').split(' headway-system')[0], 'Grace: Roll back');
  t.regex(shop.clone.git('show', `HEAD:${REPLICAS}`), /replicas: 3/);
  const { spec } = await synced('overlay', head());
  t.is(await replicasOf('prod-web'), 3);
  t.is(spec.pinnedRevision, undefined);
  t.not(spec.syncPolicy?.automated, false);
  await synced('overlay', shop.commit({ [REPLICAS]: replicas(5) }, 'Five of them'));
  t.is(await replicasOf('prod-web'), 5);
});

test.serial('revoked credentials are said, keep the last state, and stop no healing; new ones go on', async (t) => {
  t.timeout(4 * PATIENCE_MS);
  const before = head();
  server.setCredentials({ username: 'ada', password: 'another' });
  const after = shop.commit({ [REPLICAS]: replicas(2) }, 'Two of them');
  const { status } = await waitFor(async () => {
    const found = await repository('shop');
    return found.status?.conditions?.some(({ type, status: is, reason }) => type === 'Ready' && is === 'False' && reason === 'AccessDenied') ? found : undefined;
  }, { what: 'the repository to be refused', timeoutMs: PATIENCE_MS, intervalMs: 200 });
  t.is(status?.revision, before);
  t.notRegex(JSON.stringify(status), new RegExp(PASSWORD));
  t.is((await application('overlay')).status?.syncedRevision, before);
  await headway.kubectl('-n', 'shop', 'scale', 'deployment', 'prod-web', '--replicas=1');
  await becomes(5);
  await headway.kubectl('-n', 'headway-system', 'patch', 'secret', 'git', '--type=merge', '-p', JSON.stringify({ stringData: { password: 'another' } }));
  await synced('overlay', after);
  t.is(await replicasOf('prod-web'), 2);
});
