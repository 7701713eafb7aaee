import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore, type RedisStoreOptions } from '#store/redis/redis-store.ts';
import type { Observation } from '#test/support/lease-process.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { waitFor } from '#test/support/wait.ts';

const put = (name: string) => [{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: '{}', expect: 'any' }] as const;

async function openOn(t: ExecutionContext, redis: TestRedis, options: Partial<RedisStoreOptions> = {}): Promise<ObjectStore> {
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 1000 }, ...options });
  t.teardown(() => store.close());
  return store;
}

/** Reads until one needs no question. */
const leased = (store: ObjectStore): Promise<number> =>
  waitFor(async () => {
    const known = store.knownRevision();
    if (known === undefined) await store.revision();
    return known;
  }, { what: 'a read lease', intervalMs: 1 });

const leaseIn = (redis: TestRedis): Promise<string | null> => {
  const client = new Redis({ path: redis.socketPath });
  return client.hget('{headway}:meta', 'lease').finally(() => client.disconnect());
};

test('a process alone knows the revision without asking, and its own writes with it', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  t.is(await leased(store), await store.revision());
  const result = await store.transaction(put('a'));
  t.is(await leased(store), result.ok ? (result.revisions[0] ?? 0) : 0);
});

test('a write of another process waits for the end of the lease, and is in every read after it', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const other = await openOn(t, redis);
  const before = await leased(store);
  const writing = other.transaction(put('a'));
  // The reads that go on are what the lease is renewed by, until it is asked back.
  let isWritten = false;
  void writing.finally(() => (isWritten = true));
  while (!isWritten) {
    const known = store.knownRevision();
    if (known !== undefined) t.is(known, before);
    else await store.revision();
  }
  const result = await writing;
  t.is(await store.revision(), result.ok ? (result.revisions[0] ?? 0) : 0);
  t.is(store.knownRevision(), undefined, 'a process that met another one leaves it at asking for a while');
});

test('a process that ends leaves no lease behind; one that Redis was restarted under asks again', async (t) => {
  const redis = await startTestRedis(t);
  const first = await openOn(t, redis);
  await leased(first);
  await first.close();
  t.is(await leaseIn(redis), null);
  const second = await openOn(t, redis);
  await leased(second);
  await redis.server().stop('SIGKILL');
  await waitFor(() => second.knownRevision() === undefined, { what: 'the end of the lease', intervalMs: 1 });
  await redis.restart();
  t.is(await leased(second), await second.revision());
});

test('there is no lease over a network, nor where Redis may lose what it has answered', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis, { allowLoss: true });
  t.is(store.knownRevision(), undefined);
  await store.revision();
  t.is(store.knownRevision(), undefined);
  t.is(await leaseIn(redis), null);
});

const ROUNDS = 8 * Number(process.env['HEADWAY_CRASH_ROUNDS'] ?? 5);
/** Longer than a lease, and longer than what another process waits for its end. */
const STALLS_MS = [50, 220, 400] as const;
const OBSERVATIONS_PER_ROUND = 300;

/** Writers, one that writes little, and one that only reads. */
const WRITES = [20, 1, 0] as const;

test('whatever is stopped or killed, no read misses what was written or read before it began', async (t) => {
  t.timeout(60_000 + ROUNDS * 10_000);
  const redis = await startTestRedis(t);
  const observations: Observation[] = [];
  const start = (i: number): ChildProcess => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../support/lease-process.ts'), redis.socketPath, String(WRITES[i])], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => void (line.endsWith('}') && observations.push(JSON.parse(line) as Observation)));
    return child;
  };
  const children = WRITES.map((_, i) => start(i));
  t.teardown(() => children.forEach((child) => child.kill('SIGKILL')));
  for (let round = 0; round < ROUNDS; round++) {
    const target = observations.length + OBSERVATIONS_PER_ROUND;
    await waitFor(() => observations.length >= target, { what: 'reads and writes', intervalMs: 2 });
    const victim = Math.floor(Math.random() * children.length);
    if (round % 4 === 3) {
      children[victim]?.kill('SIGKILL');
      children[victim] = start(victim);
    } else {
      children[victim]?.kill('SIGSTOP');
      await systemClock.sleep(STALLS_MS[round % STALLS_MS.length] ?? 0);
      children[victim]?.kill('SIGCONT');
    }
  }
  const leasedReads = observations.filter(({ isLeased }) => isLeased).length;
  t.log(`${observations.length} reads and writes, ${leasedReads} reads by a lease`);
  t.true(leasedReads > 0);
  t.deepEqual(staleReads(observations), []);
});

/** Reads of a revision older than one that was written, or read, before they began. */
function staleReads(observations: readonly Observation[]): readonly Observation[] {
  const ended = observations.toSorted((a, b) => a.ended - b.ended);
  let next = 0;
  let newest = 0;
  return observations.toSorted((a, b) => a.begun - b.begun).filter(({ type, begun, revision }) => {
    for (; (ended[next]?.ended ?? Infinity) < begun; next++) newest = Math.max(newest, ended[next]?.revision ?? 0);
    return type === 'read' && revision < newest;
  });
}
