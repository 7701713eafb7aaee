import { readdir } from 'node:fs/promises';
import test from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore, StoreEvent } from '#store/object-store.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { collectBatches } from '#test/support/collect-batches.ts';
import { startTestRedis } from '#test/support/redis.ts';

const ROUNDS = Number(process.env['HEADWAY_CRASH_ROUNDS'] ?? 5);
const WRITERS = 8;
const WRITES_PER_ROUND = 400;
const PADDING = 'x'.repeat(2000);

interface Acknowledged { readonly name: string; readonly value: string; readonly revision: number }

/** Writes until told to stop, and keeps what was acknowledged. An unknown outcome is just that: it may or may not be there. */
async function writeUntil(store: ObjectStore, writer: number, acknowledged: Acknowledged[], isDone: () => boolean): Promise<void> {
  for (let i = 0; !isDone(); i++) {
    const names = [`w${writer}-${i % 20}`, `w${writer}-pair`];
    const values = names.map(() => JSON.stringify({ writer, i, PADDING }));
    try {
      const result = await store.transaction(names.map((name, n) => ({ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: values[n] as string, expect: 'any' })));
      if (result.ok) acknowledged.push(...names.map((name, n) => ({ name, value: values[n] as string, revision: result.revisions[n] as number })));
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 20_000; !condition(); await systemClock.sleep(2)) {
    if (performance.now() > deadline) throw new Error('the condition did not come to hold');
  }
}

test(`kill -9 of Redis under ${WRITERS} writers loses no acknowledged write, reuses no revision, and followers see no gap`, async (t) => {
  t.timeout(30_000 + ROUNDS * 10_000);
  const redis = await startTestRedis(t);
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 600_000, maxEvents: 1_000_000 } });
  t.teardown(() => store.close());
  const start = await store.revision();
  const acknowledged: Acknowledged[] = [];
  const followed: StoreEvent[] = [];
  const ending = new AbortController();
  const following = store.follow(start, ending.signal, (batch) => void followed.push(...batch));
  let isDone = false;
  const writing = Promise.all(Array.from({ length: WRITERS }, (_, w) => writeUntil(store, w, acknowledged, () => isDone)));
  for (let round = 0; round < ROUNDS; round++) {
    const target = acknowledged.length + WRITES_PER_ROUND + round * 37;
    await until(() => acknowledged.length >= target);
    await redis.server().stop('SIGKILL');
    await redis.restart();
  }
  const torn = (await readdir(redis.dataDir)).filter((name) => name.includes('.torn-at-'));
  t.log(`${ROUNDS} kills, ${torn.length} of them in the middle of a write; ${acknowledged.length} acknowledged writes`);
  isDone = true;
  await writing;
  const end = await store.revision();
  await until(() => (followed.at(-1)?.revision ?? 0) >= end);
  ending.abort();
  await following;

  const revisions = followed.map((event) => event.revision);
  t.is(new Set(revisions).size, revisions.length, 'followed once each');
  t.deepEqual(revisions, revisions.toSorted((a, b) => a - b), 'followed in order');
  t.deepEqual(revisions, (await collectBatches(store, start, { until: end })).flat().map((event) => event.revision), 'followed without a gap');
  const byRevision = new Map(followed.map((event) => [event.revision, event]));
  const lost = acknowledged.filter(({ name, value, revision }) => byRevision.get(revision)?.key.name !== name || byRevision.get(revision)?.value !== value);
  t.deepEqual(lost.map(({ name, revision }) => ({ name, revision })), []);
  t.is(new Set(acknowledged.map((write) => write.revision)).size, acknowledged.length, 'no revision was given twice');
  const present = new Map(followed.map(({ key, value, revision }) => [key.name, { value, revision }]));
  const snapshot = await store.snapshot();
  t.deepEqual(new Map(snapshot.objects.map(({ key, value, revision }) => [key.name, { value, revision }])), new Map([...present].sort(([a], [b]) => (a < b ? -1 : 1))));
});
