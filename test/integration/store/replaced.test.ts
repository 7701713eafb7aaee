import { cp, rm } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { StoreReplacedError, StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { collectBatches } from '#test/support/collect-batches.ts';
import { recordWatch } from '#test/support/record-watch.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

const put = (name: string) => [{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: `{"metadata":{"name":"${name}"}}`, expect: 'any' }] as const;

async function openOn(t: ExecutionContext, redis: TestRedis, onReplaced?: (error: StoreReplacedError) => void): Promise<ObjectStore> {
  const store = await openRedisStore({
    socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 1000 }, ...(onReplaced && { onReplaced }),
  });
  t.teardown(() => store.close());
  return store;
}

async function flush(redis: TestRedis): Promise<void> {
  const client = new Redis({ path: redis.socketPath });
  await client.flushall();
  client.disconnect();
}

test('a write after the data was flushed is refused, and ends the trust in all that was read', async (t) => {
  const redis = await startTestRedis(t);
  const replaced: StoreReplacedError[] = [];
  const store = await openOn(t, redis, (error) => void replaced.push(error));
  await store.transaction(put('a'));
  const following = t.throwsAsync(collectBatches(store, await store.revision(), { events: 1 }), { instanceOf: StoreReplacedError });
  await flush(redis);
  await t.throwsAsync(store.transaction(put('b')), { instanceOf: StoreReplacedError });
  await t.throwsAsync(store.get(put('a')[0].key), { instanceOf: StoreReplacedError });
  await following;
  t.is(replaced.length, 1);
});

test('an idle follower notices that the data was flushed and made anew', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  await store.transaction(put('a'));
  const following = collectBatches(store, await store.revision(), { events: 1 });
  await flush(redis);
  const other = await openOn(t, redis);
  t.not(other.storeId, store.storeId);
  await t.throwsAsync(following, { instanceOf: StoreReplacedError });
});

test('data that was deleted while Redis was down is noticed on reconnect, though it is made anew', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  await store.transaction(put('a'));
  await redis.server().stop();
  await rm(redis.dataDir, { recursive: true });
  await redis.restart();
  await t.throwsAsync(store.revision(), { instanceOf: StoreReplacedError });
  t.not((await openOn(t, redis)).storeId, store.storeId);
});

test('an older copy of the same data is noticed on reconnect, and gives no revision again', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  await store.transaction(put('a'));
  await redis.server().stop();
  await cp(redis.dataDir, `${redis.dataDir}-backup`, { recursive: true });
  await redis.restart();
  for (const name of ['b', 'c', 'd']) await store.transaction(put(name));
  const newest = await store.revision();
  await redis.server().stop();
  await rm(redis.dataDir, { recursive: true });
  await cp(`${redis.dataDir}-backup`, redis.dataDir, { recursive: true });
  await redis.restart();
  await t.throwsAsync(store.revision(), { instanceOf: StoreReplacedError });
  const fresh = await openOn(t, redis);
  const result = await fresh.transaction(put('e'));
  t.true(result.ok && (result.revisions[0] as number) > newest);
  await t.throwsAsync(collectBatches(fresh, newest, { events: 1 }), { instanceOf: StoreReplacedError }, 'a revision of the lost history cannot be resumed from');
});

test('the watch cache ends its watches and refuses consistent reads when the data was replaced', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const cache = createWatchCache({ store, log: silentLogger, clock: systemClock, windowEvents: 100, bookmarkIntervalMs: 1000 });
  t.teardown(() => cache.close());
  await cache.ready();
  const watch = recordWatch(cache, 'configmaps');
  await flush(redis);
  await t.throwsAsync(cache.sync(), { instanceOf: StoreReplacedError });
  t.true((await watch.end) instanceof StoreReplacedError);
  await t.throwsAsync(cache.waitFor(cache.revision + 1), { instanceOf: StoreReplacedError });
});

test('without Redis a call fails as unavailable in bounded time, and works again when Redis is back', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const result = await store.transaction(put('a'));
  await redis.server().stop('SIGKILL');
  const error = await t.throwsAsync(store.transaction(put('b')), { instanceOf: StoreUnavailableError });
  t.true(error.isRetryable);
  await redis.restart();
  t.is((await store.get(put('a')[0].key))?.revision, result.ok ? result.revisions[0] : 0);
});

test('scripts that an operator flushed are loaded again', async (t) => {
  const redis = await startTestRedis(t);
  const store = await openOn(t, redis);
  const client = new Redis({ path: redis.socketPath });
  await client.script('FLUSH');
  client.disconnect();
  await t.throwsAsync(store.transaction(put('a')), { instanceOf: StoreUnavailableError });
  t.true((await store.transaction(put('a'))).ok);
});
