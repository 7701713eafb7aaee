import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { testWatchCache } from '#test/conformance/watch-cache.ts';
import { shareTestRedis } from '#test/support/redis.ts';

const redis = shareTestRedis(test);

testWatchCache(test, async () =>
  openRedisStore({ ...redis.next(), log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 10_000 } }));
