import test from 'ava';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { startTestRedis } from '#test/support/redis.ts';

/** 1,000,000 takes some two minutes. */
const UPDATES = Number(process.env['HEADWAY_UPDATES'] ?? 40_000);
const KEYS = 10;
const IN_FLIGHT = 64;
const MAX_BYTES = 4_000_000;
const VALUE = JSON.stringify({ text: 'x'.repeat(1000) });

test(`${UPDATES} updates of ${KEYS} objects take bounded memory, without anybody who compacts`, async (t) => {
  t.timeout(60_000 + UPDATES);
  const redis = await startTestRedis(t);
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 3_600_000, maxEvents: 10_000_000, maxBytes: MAX_BYTES } });
  t.teardown(() => store.close());
  const client = new Redis({ path: redis.socketPath });
  t.teardown(() => client.disconnect());
  let written = 0;
  let most = 0;
  const measure = async (): Promise<void> => {
    most = Math.max(most, Number(await client.memory('USAGE', '{headway}:events', 'SAMPLES', 0)));
  };
  const writer = async (): Promise<void> => {
    while (written < UPDATES) {
      const i = written++;
      await store.transaction([{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name: `n${i % KEYS}` }, value: VALUE, expect: 'any' }]);
      if (i % 1000 === 0) await measure();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  t.log(`${UPDATES} updates of 1 KB: the log took at most ${(most / 1e6).toFixed(1)} MB of ${MAX_BYTES / 1e6}, Redis holds ${(used / 1e6).toFixed(1)} MB`);
  t.true(most < 2 * MAX_BYTES, `${most} bytes`);
  t.true(used < 4 * MAX_BYTES, `${used} bytes`);
  t.is((await store.snapshot()).objects.length, KEYS);
});
