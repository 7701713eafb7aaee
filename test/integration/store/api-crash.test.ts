import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CONFIG_MAPS, NAMESPACES } from '#api/resources.ts';
import { systemClock } from '#base/clock.ts';
import { connectToApi } from '#cli/api-connection.ts';
import { readKubeconfig } from '#cli/kubeconfig.ts';
import type { Client } from '#client/client.ts';
import { checkRound, type State } from '#test/support/crash/check-round.ts';
import { configMap, EVEN, knownOf, NAMESPACE } from '#test/support/crash/config-maps.ts';
import { CrashWatcher } from '#test/support/crash/crash-watcher.ts';
import { COUNTER, CrashWriter } from '#test/support/crash/crash-writer.ts';
import { freePort } from '#test/support/free-port.ts';
import { type Program, startProgram } from '#test/support/program.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const ROUNDS = Number(process.env['HEADWAY_CRASH_ROUNDS'] ?? 5);
/** The same seed makes the same choices; what they meet is up to the machine. */
const SEED = Number(process.env['HEADWAY_CRASH_SEED'] ?? Date.now() % 100_000);
const WRITERS = 16;
const CONNECTIONS = 4;
const WRITES_BEFORE_KILL = 40;
const WRITES_AFTER_KILL = 40;
const KILL_WITHIN_MS = 250;
/** Half a second on a machine of one's own; this one may be shared by all other tests. */
const READY_WITHIN_MS = 180_000;
const MARKER = 'marker';

const KILLS = ['redis', 'redis', 'api', 'api', 'both', 'redis while the API starts'] as const;

/** A real Redis that syncs each write, and `headway apiserver` in front of it. */
async function startCluster(t: ExecutionContext) {
  const dataDir = temporaryDirectory('headway-crash');
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const redis = await startTestRedis(t);
  const port = String(await freePort());
  let api: Program;
  const startApi = (): void => {
    api = startProgram(t, ['apiserver', '--redis', redis.socketPath, '--data-dir', dataDir, '--port', port, '--log-level', 'warn']);
  };
  const untilReady = (): Promise<void> => api.says(/^apiserver: https/m, READY_WITHIN_MS);
  startApi();
  await untilReady();
  const restartRedis = async (): Promise<void> => {
    await redis.server().stop('SIGKILL');
    await redis.restart();
  };
  return {
    dataDir, redis,
    async kill(kind: (typeof KILLS)[number], random: () => number): Promise<void> {
      if (kind === 'redis') return restartRedis();
      await Promise.all([api.end('SIGKILL'), kind === 'both' ? restartRedis() : undefined]);
      startApi();
      if (kind === 'redis while the API starts') {
        await systemClock.sleep(random() * 1500);
        await restartRedis();
      }
      await untilReady();
    },
  };
}

const connect = (t: ExecutionContext, dataDir: string): Client => {
  const { server, credentials } = readKubeconfig(join(dataDir, 'kubeconfig'));
  const { client, close } = connectToApi(server, credentials, 'crash-test');
  t.teardown(close);
  return client;
};

async function listAll(client: Client): Promise<State> {
  const { items } = await client.list(CONFIG_MAPS, { namespace: NAMESPACE });
  return new Map(items.map((item) => [item.metadata.name ?? '', knownOf(item)]));
}

test(`kill -9 of Redis and of the API server under ${WRITERS} writers loses no acknowledged write, reuses no revision, and watches resume without a list`, async (t) => {
  t.timeout(120_000 + ROUNDS * 30_000);
  const random = generator(SEED);
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const { dataDir, redis, kill } = await startCluster(t);
  const clients = Array.from({ length: CONNECTIONS }, () => connect(t, dataDir));
  const own = clients[0] as Client;
  await own.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE }, spec: {} });
  for (const name of [COUNTER, MARKER]) await own.create(CONFIG_MAPS, configMap(name, 0));
  const writers = Array.from({ length: WRITERS }, (_, i) => new CrashWriter({ id: i, client: clients[i % CONNECTIONS] as Client, random, signal: ending.signal }));
  const { metadata } = await own.list(CONFIG_MAPS, { namespace: NAMESPACE });
  const from = metadata.resourceVersion ?? '';
  const watching = connect(t, dataDir);
  const scopes = [{ namespace: NAMESPACE }, { namespace: NAMESPACE }, { namespace: NAMESPACE, labelSelector: EVEN }];
  const watchers = scopes.map((scope) => new CrashWatcher(watching, scope, from));
  const running = Promise.all(watchers.map((watcher) => watcher.run(ending.signal)));

  const counts = { acknowledged: 0, kills: new Map<string, number>() };
  let before = await listAll(own);
  let revision = Number(from);
  for (let round = 1; round <= ROUNDS; round++) {
    const written = (): number => writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);
    let isDone = false;
    const writing = Promise.all(writers.map((writer) => writer.writeUntil(() => isDone)));
    // Seen when it is awaited; before that, another failure may end the test.
    writing.catch(() => undefined);
    const kind = KILLS[Math.floor(random() * KILLS.length)] as (typeof KILLS)[number];
    counts.kills.set(kind, (counts.kills.get(kind) ?? 0) + 1);
    await waitFor(() => written() >= WRITES_BEFORE_KILL, { what: 'writes before the kill', timeoutMs: 60_000, intervalMs: 5 });
    await systemClock.sleep(random() * KILL_WITHIN_MS);
    await kill(kind, random);
    const target = written() + WRITES_AFTER_KILL;
    await waitFor(() => written() >= target, { what: 'writes after the kill', timeoutMs: 60_000, intervalMs: 5 });
    isDone = true;
    await writing;
    const marker = knownOf(await own.get(CONFIG_MAPS, { namespace: NAMESPACE, name: MARKER }));
    const marked = Number(knownOf(await own.update(CONFIG_MAPS, configMap(MARKER, marker.value + 2, marker.revision))).revision);
    // A watch that was refused would be for ever behind; the check tells of it.
    await waitFor(() => watchers.every((watcher) => watcher.position >= marked || watcher.violations.length > 0), { what: `watchers to reach ${marked}`, timeoutMs: 60_000, intervalMs: 5 });
    counts.acknowledged += written();
    const after = await listAll(own);
    t.deepEqual(checkRound({ writers, watchers, before, after, revision }), [], `round ${round} (${kind}), seed ${SEED}`);
    before = after;
    revision = marked;
  }
  ending.abort();
  await running;
  const torn = (await readdir(redis.dataDir)).filter((name) => name.includes('.torn-at-')).length;
  const unknown = writers.reduce((sum, writer) => sum + writer.unknownOutcomes, 0);
  t.log(`${ROUNDS} rounds, seed ${SEED}: ${[...counts.kills].map(([kind, n]) => `${n} x ${kind}`).join(', ')}; ${torn} in the middle of a write to the log`);
  t.log(`${counts.acknowledged} acknowledged writes, ${unknown} without an answer; ${watchers.reduce((sum, w) => sum + w.resumptions, 0)} watches resumed`);
});

/** Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
