import test from 'ava';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { testObjectStore } from '#test/conformance/object-store.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';

const teardowns: (() => unknown)[] = [];
let redis: TestRedis;
test.before(async () => {
  redis = await startTestRedis({ teardown: (task) => void teardowns.push(task) });
});
test.after.always(async () => {
  for (const teardown of teardowns) await teardown();
});

let stores = 0;
testObjectStore(test, async (_t, options) => {
  const prefix = `{store-${stores++}}`;
  const open = () => openRedisStore({ socketPath: redis.socketPath, prefix, log: silentLogger, ...options });
  return { store: await open(), reopen: open };
});
