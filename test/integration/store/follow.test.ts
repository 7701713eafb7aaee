import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { ObjectStore, StoreEvent } from '#store/object-store.ts';
import { openRedisStore, type RedisStoreOptions } from '#store/redis/redis-store.ts';
import { collectBatches } from '#test/support/collect-batches.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { waitFor } from '#test/support/wait.ts';

const IN_FLIGHT = 64;

async function openOn(t: ExecutionContext, redis: TestRedis, options: Partial<RedisStoreOptions> = {}): Promise<ObjectStore> {
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 100_000 }, ...options });
  t.teardown(() => store.close());
  return store;
}

const put = (store: ObjectStore, name: string) => store.transaction([{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: `{"name":"${name}"}`, expect: 'any' }]);

/** As many at a time as a busy server has, so that their answers come over several connections. */
async function putMany(store: ObjectStore, count: number, prefix: string): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < count) await put(store, `${prefix}-${next++ % 100}`);
  }));
}

async function followed(t: ExecutionContext, store: ObjectStore): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  const ending = new AbortController();
  const following = store.follow(await store.revision(), ending.signal, (batch) => void events.push(...batch));
  t.teardown(async () => {
    ending.abort();
    await following;
  });
  return events;
}

async function readsOfStream(redis: TestRedis): Promise<number> {
  const client = new Redis({ path: redis.socketPath });
  const stats = await client.info('commandstats').finally(() => client.disconnect());
  return Number(/cmdstat_xread:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

test('a process that alone writes does not read back what it writes, and is told of it before the write is answered', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const start = await store.revision();
  const events = await followed(t, store);
  await put(store, 'first');
  const before = await readsOfStream(redis);
  for (let i = 0; i < 200; i++) {
    const result = await put(store, `n${i}`);
    t.is(events.at(-1)?.revision, result.ok ? result.revisions[0] : undefined);
  }
  t.true((await readsOfStream(redis)) - before < 20);
  await putMany(store, 2_000, 'many');
  const end = await store.revision();
  await waitFor(() => events.at(-1)?.revision === end, { what: 'the last write to be followed' });
  t.deepEqual(events, (await collectBatches(store, start, { until: end })).flat());
});

test('a deletion that gives no last state tells the stored one', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const start = await store.revision();
  const events = await followed(t, store);
  await put(store, 'a');
  await put(store, 'b');
  const key = (name: string) => ({ resource: 'configmaps', namespace: 'default', name });
  await store.transaction([{ type: 'delete', key: key('a'), expect: 'any' }, { type: 'put', key: key('c'), value: '{}', expect: 'absent' }, { type: 'delete', key: key('b'), expect: 'any' }]);
  t.deepEqual(events.slice(2).map(({ type, value }) => [type, value]), [['delete', '{"name":"a"}'], ['put', '{}'], ['delete', '{"name":"b"}']]);
  t.deepEqual(events, (await collectBatches(store, start, { events: 5 })).flat());
});

test('what another process writes comes at once after its lease, and both see all in one order', async (t) => {
  const redis = await startTestRedis(t);
  const stores = await Promise.all([0, 1].map(() => openOn(t, redis, { leasePauseMs: { first: 20, max: 3_600_000 } })));
  const start = await (stores[0] as ObjectStore).revision();
  const told = await Promise.all(stores.map((store) => followed(t, store)));
  for (let round = 0; round < 5; round++) await Promise.all(stores.map((store, i) => putMany(store, 300, `${round}-${i}`)));
  const end = await (stores[0] as ObjectStore).revision();
  await waitFor(() => told.every((events) => events.at(-1)?.revision === end), { what: 'both to be told of the last write' });
  const all = (await collectBatches(stores[0] as ObjectStore, start, { until: end })).flat();
  for (const events of told) t.deepEqual(events, all);
});

test('a follower whose callback fails ends with its error, and the write that it was told of stands', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  await put(store, 'first');
  const following = store.follow(await store.revision(), new AbortController().signal, () => {
    throw new RangeError('the callback failed');
  });
  const [failure, result] = await Promise.all([t.throwsAsync(following, { instanceOf: RangeError }), put(store, 'a')]);
  t.is(failure.message, 'the callback failed');
  t.true(result.ok);
});
