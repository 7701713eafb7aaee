/**
 * A process with a store of its own for read-lease.test.ts: `lease-process.ts SOCKET WRITES_PER_100`. Reads and writes one counter until it is killed, and tells
 * of each, as a line, when it began and ended by the clock that all processes of the machine share, and the revision that it read or wrote.
 */
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

export interface Observation {
  readonly type: 'read' | 'write';
  /** Nanoseconds. */
  readonly begun: number;
  readonly ended: number;
  readonly revision: number;
  /** The store was not asked. */
  readonly isLeased: boolean;
}

const [socketPath = '', writes = '0'] = process.argv.slice(2);
const key = { resource: 'configmaps', namespace: 'default', name: 'counter' };
/** Short, so that the lease changes hands all the time. */
const store = await openRedisStore({ socketPath, log: silentLogger, clock: systemClock, leasePauseMs: { first: 20, max: 40 }, retention: { maxAgeMs: 600_000, maxEvents: 1_000_000 } });
const cache = createWatchCache({ store, log: silentLogger, clock: systemClock, windowEvents: 10, bookmarkIntervalMs: 1_000 });
await cache.ready();
const now = (): number => Number(process.hrtime.bigint());
const tell = (observation: Observation): void => void process.stdout.write(`${JSON.stringify(observation)}\n`);

async function read(): Promise<void> {
  const begun = now();
  const isLeased = cache.isCurrent();
  if (!isLeased) await cache.sync();
  const revision = cache.get(key.resource, key.namespace, key.name)?.revision ?? 0;
  tell({ type: 'read', begun, ended: now(), revision, isLeased });
}

async function write(): Promise<void> {
  const begun = now();
  const result = await store.transaction([{ type: 'put', key, value: '{"metadata":{"name":"counter"}}', expect: 'any' }]);
  if (result.ok) tell({ type: 'write', begun, ended: now(), revision: result.revisions[0] ?? 0, isLeased: false });
}

async function work(): Promise<never> {
  for (;;) {
    // What Redis does not answer has no outcome to tell of.
    await (Math.random() * 100 < Number(writes) ? write() : read()).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// Answers overtake each other only where several are awaited: the store asks over more than one connection.
await Promise.all(Array.from({ length: 8 }, work));
