import { rm } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore, type RedisStoreOptions } from '#store/redis/redis-store.ts';
import { StoreUnsuitableError } from '#store/redis/server-errors.ts';
import { collectBatches } from '#test/support/collect-batches.ts';
import { freePort } from '#test/support/free-port.ts';
import { exec, ROOT } from '#test/support/headway.ts';
import { DURABLE, startRawRedis } from '#test/support/raw-redis.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const put = (name: string) => [{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: `{"name":"${name}"}`, expect: 'any' }] as const;

async function open(t: ExecutionContext, url: string, options: Partial<RedisStoreOptions> = {}): Promise<ObjectStore> {
  const store = await openRedisStore({ url, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 1000 }, ...options });
  t.teardown(() => store.close());
  return store;
}

const volatile: readonly { readonly title: string; readonly settings: readonly string[]; readonly says: RegExp }[] = [
  { title: 'without a log', settings: ['--appendonly', 'no'], says: /has no append-only log .*CONFIG SET appendonly yes; CONFIG SET appendfsync always; CONFIG REWRITE.*--redis-allow-loss/ },
  { title: 'that syncs every second', settings: ['--appendonly', 'yes', '--appendfsync', 'everysec'], says: /appendfsync everysec.*CONFIG SET appendfsync always/ },
  { title: 'that does not tell how it syncs', settings: [...DURABLE, '--rename-command', 'CONFIG', ''], says: /appendfsync unknown, CONFIG GET is not permitted/ },
];
for (const { title, settings, says } of volatile) {
  test(`a Redis ${title} is refused with the repair, and taken when loss is allowed`, async (t) => {
    const redis = await startRawRedis(t, ...settings);
    const error = await t.throwsAsync(open(t, redis.url), { instanceOf: StoreUnsuitableError });
    t.regex(error.message, says);
    const store = await open(t, redis.url, { allowLoss: true });
    t.true((await store.transaction(put('a'))).ok);
  });
}

test('a Redis that was repaired as the message says is taken', async (t) => {
  const redis = await startRawRedis(t, '--appendonly', 'no');
  await redis.client.config('SET', 'appendonly', 'yes');
  await redis.client.config('SET', 'appendfsync', 'always');
  t.true((await (await open(t, redis.url)).transaction(put('a'))).ok);
});

test('headway apiserver says what is wrong with the Redis of an URL, and ends', async (t) => {
  const redis = await startRawRedis(t, '--appendonly', 'no');
  const dataDir = temporaryDirectory('headway-external');
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const port = String(await freePort());
  const apiserver = (...flags: readonly string[]) => exec(`${ROOT}/bin/headway`, ['apiserver', '--data-dir', dataDir, '--port', port, '--log-level', 'error', ...flags]);
  const refused = await apiserver('--redis', redis.url);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /headway: This Redis has no append-only log .*CONFIG SET appendonly yes/);
  t.regex((await apiserver('--redis', 'http://x')).stderr, /--redis http:\/\/x: say the path of a socket, redis:/);
  t.regex((await apiserver('--redis-wait-replicas', 'many')).stderr, /--redis-wait-replicas many: say a number of replicas/);
});

test('a node of a Redis Cluster that owns all slots holds the store: all keys share a hash tag', async (t) => {
  const redis = await startRawRedis(t, ...DURABLE, '--cluster-enabled', 'yes', '--cluster-port', String(await freePort()));
  await redis.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await waitFor(async () => /cluster_state:ok/.test(String(await redis.client.call('CLUSTER', 'INFO'))), { what: 'the cluster to be ok' });
  const store = await open(t, redis.url);
  const start = await store.revision();
  t.true((await store.transaction([...put('a'), { type: 'put', key: { resource: 'events', namespace: 'default', name: 'e' }, value: '{}', expect: 'absent' }])).ok);
  t.is((await collectBatches(store, start, { events: 2 })).length, 1);
  await store.compact();
  t.is((await store.snapshot()).objects.length, 2);
  t.is((await store.history(await store.revision(), 10)).batches.length, 1);
  const slots = new Set(await Promise.all((await redis.client.keys('*')).map((key) => redis.client.call('CLUSTER', 'KEYSLOT', key))));
  t.is(slots.size, 1);
});

test('a write is answered when the replica has it, and its outcome is unknown when the replica does not answer in time', async (t) => {
  const primary = await startRawRedis(t, ...DURABLE);
  const replica = await startRawRedis(t, ...DURABLE, '--replicaof', '127.0.0.1', String(primary.port));
  const isLinked = async (): Promise<boolean> => /master_link_status:up/.test(await replica.client.info('replication'));
  await waitFor(isLinked, { what: 'the replica to be in step' });
  const store = await open(t, primary.url, { waitReplicas: 1 });
  // One that did not reach the replica in time, on a slow machine, was not answered.
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => store.transaction(put(`n${i}`))));
  const answered = results.flatMap((result, i) => (result.status === 'fulfilled' && result.value.ok ? [`default/n${i}`] : []));
  t.true(answered.length > 0);
  const onReplica = new Set(await replica.client.hkeys('{headway}:objects:configmaps'));
  t.deepEqual(answered.filter((field) => !onReplica.has(field)), []);

  replica.signal('SIGSTOP');
  const error = await t.throwsAsync(store.transaction(put('late')), { instanceOf: StoreUnavailableError });
  t.regex(error.message, /reached 0 of the 1 replicas.* within 1000 ms; whether it stays is unknown/);
  replica.signal('SIGCONT');
  await waitFor(async () => (await store.transaction(put('again')).catch(() => undefined))?.ok, { what: 'writes to be answered again' });
  t.is((await store.get(put('late')[0].key))?.value, '{"name":"late"}', 'the primary had it');
});
