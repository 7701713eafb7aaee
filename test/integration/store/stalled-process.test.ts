import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { startTestRedis } from '#test/support/redis.ts';

/** Longer than anything waits for Redis. */
const STALL_MS = 3_000;

test('a process that stands still while it connects does not take Redis for gone', async (t) => {
  const redis = await startTestRedis(t);
  const opening = openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 1000 } });
  // As on a machine with too much to do: the whole process, not the test alone.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL_MS);
  const store = await opening;
  t.teardown(() => store.close());
  t.true((await store.transaction([{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name: 'a' }, value: '{}', expect: 'absent' }])).ok);
});
