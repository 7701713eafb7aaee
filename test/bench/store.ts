/**
 * Durable writes a second and the time from create to delivery, beside a floor measured in the same run.
 * Run: node test/bench/store.ts [seconds]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { startRedis } from '#store/redis/redis-server.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

const SECONDS = Number(process.argv[2] ?? 3);
const IN_FLIGHT = 64;
const VALUE = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bench', namespace: 'default' }, data: { text: 'x'.repeat(900) } });
/** The least that a store must do for a write: count, set, append. */
const FLOOR_SCRIPT = "local n = redis.call('INCR', KEYS[1]) redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, n .. '-0', 'v', ARGV[2]) return n";

async function perSecond(operation: (i: number) => Promise<unknown>): Promise<number> {
  let count = 0;
  const started = performance.now();
  const end = started + SECONDS * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) await operation(count++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return count / ((performance.now() - started) / 1000);
}

const keyOf = (i: number) => ({ resource: 'configmaps', namespace: 'default', name: `bench-${i % 5000}` });
const percentile = (values: readonly number[], p: number): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * p)] ?? 0;
const putOf = (i: number) => [{ type: 'put', key: keyOf(i), value: VALUE, expect: 'any' }] as const;

async function measureDelivery(store: ObjectStore, watchers: number, creates: number): Promise<string> {
  const cache = createWatchCache({ store, log: silentLogger, clock: systemClock, windowEvents: 1000, bookmarkIntervalMs: 60_000 });
  await cache.ready();
  const latencies: number[] = [];
  let sent = 0;
  let waiting = 0;
  let all = Promise.withResolvers<void>();
  for (let i = 0; i < watchers; i++) {
    cache.watch('configmaps', { afterRevision: cache.revision }, {
      onEvents: (events) => {
        for (const event of events) void event.current.json();
        latencies.push(performance.now() - sent);
        if (--waiting === 0) all.resolve();
      },
      onEnd: (error) => all.reject(error),
    });
  }
  for (let i = 0; i < creates; i++) {
    waiting = watchers;
    all = Promise.withResolvers();
    sent = performance.now();
    await Promise.all([store.transaction(putOf(i)), all.promise]);
  }
  await cache.close();
  return `create to delivery, ${watchers} watchers: p50 ${percentile(latencies, 0.5).toFixed(2)} ms, p99 ${percentile(latencies, 0.99).toFixed(2)} ms`;
}

const dir = await mkdtemp(join(tmpdir(), 'headway-bench-'));
const startedAt = performance.now();
const server = await startRedis({ dataDir: join(dir, 'data'), runDir: join(dir, 'run'), log: silentLogger });
console.log(`redis-server start on an empty directory: ${(performance.now() - startedAt).toFixed(0)} ms`);
const store = await openRedisStore({ socketPath: server.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 300_000, maxEvents: 10_000 } });
const raw = new Redis({ path: server.socketPath, enableAutoPipelining: true });
try {
  const sha = (await raw.script('LOAD', FLOOR_SCRIPT)) as string;
  const floorOperation = (i: number) => raw.evalsha(sha, 3, '{floor}:n', '{floor}:h', '{floor}:s', `bench-${i % 5000}`, VALUE);
  await perSecond(floorOperation);
  const floor = await perSecond(floorOperation);
  const puts = await perSecond((i) => store.transaction(putOf(i)));
  console.log(`1 KB puts, ${IN_FLIGHT} in flight, fsync always: ${puts.toFixed(0)}/s; floor ${floor.toFixed(0)}/s; ratio ${(puts / floor).toFixed(2)}`);
  const gets = await perSecond((i) => store.get(keyOf(i)));
  console.log(`gets, ${IN_FLIGHT} in flight: ${gets.toFixed(0)}/s`);
  const before = performance.now();
  const { objects } = await store.snapshot();
  console.log(`snapshot of ${objects.length} objects: ${(performance.now() - before).toFixed(0)} ms`);
  const cpu = process.cpuUsage();
  const { batches } = await store.history(await store.revision(), 5_000);
  console.log(`history of ${batches.length} transactions, what a cache reads at its start: ${(process.cpuUsage(cpu).user / 1000).toFixed(0)} ms of CPU time`);
  console.log(await measureDelivery(store, 1, 1000));
  console.log(await measureDelivery(store, 200, 300));
} finally {
  raw.disconnect();
  await store.close();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}
