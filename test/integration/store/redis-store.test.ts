import test from 'ava';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { testObjectStore } from '#test/conformance/object-store.ts';
import { shareTestRedis } from '#test/support/redis.ts';

const redis = shareTestRedis(test);

testObjectStore(test, async (_t, options) => {
  const settings = { ...redis.next(), log: silentLogger, ...options };
  return { store: await openRedisStore(settings), reopen: () => openRedisStore(settings) };
});
