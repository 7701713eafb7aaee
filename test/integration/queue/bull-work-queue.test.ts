import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { silentLogger } from '#base/logger.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';

async function setUp(t: ExecutionContext): Promise<{ redis: TestRedis; factory: QueueFactory; open: () => QueueFactory }> {
  const redis = await startTestRedis(t);
  const factories: QueueFactory[] = [];
  const open = (): QueueFactory => {
    const factory = createBullQueueFactory({ socketPath: redis.socketPath, prefix: '{test}:queue', log: silentLogger });
    factories.push(factory);
    return factory;
  };
  t.teardown(() => Promise.all(factories.map((factory) => factory.close())));
  return { redis, factory: open(), open };
}

/** Shorter than an idle worker blocks in Redis: a wake-up that is lost shows. */
const PATIENCE_MS = 8_000;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await delay(2);
  }
}

test('no trigger is lost and no key runs twice at once, whatever the interleaving', async (t) => {
  const { factory } = await setUp(t);
  const queue = factory.create('c');
  const wanted = new Map<string, number>();
  const seen = new Map<string, number>();
  const running = new Set<string>();
  let overlaps = 0;
  let runs = 0;
  queue.process(async ({ key }) => {
    if (running.has(key)) overlaps++;
    running.add(key);
    runs++;
    const value = wanted.get(key) ?? 0;
    await delay(1);
    seen.set(key, value);
    running.delete(key);
    return {};
  }, { concurrency: 8 });
  const keys = ['ns/a', 'ns/b', 'c', 'ns/d:e'];
  const adds: Promise<void>[] = [];
  for (let i = 1; i <= 200; i++) {
    for (const key of keys) {
      wanted.set(key, i);
      adds.push(queue.add(key));
    }
    if (i % 5 === 0) await delay(1);
  }
  await Promise.all(adds);
  await until(() => keys.every((key) => seen.get(key) === 200));
  t.is(overlaps, 0);
  t.true(runs < 800, `${runs} runs for 800 adds: repeats were not joined`);
});

test('failures are retried with growing waits and counted, and a success resets the count', async (t) => {
  const { factory } = await setUp(t);
  const queue = factory.create('c');
  const failures: number[] = [];
  queue.process(async (job) => {
    failures.push(job.failures);
    if (failures.length < 5) throw new Error('not yet');
    return {};
  }, { concurrency: 1 });
  await queue.add('a');
  await until(() => failures.length === 5);
  await queue.add('a');
  await until(() => failures.length === 6);
  t.deepEqual(failures, [0, 1, 2, 3, 4, 0]);
});

test('requeueAfterMs runs the key again, and an earlier add does not wait for it', async (t) => {
  const { factory } = await setUp(t);
  const queue = factory.create('c');
  const runs: string[] = [];
  queue.process(async ({ key }) => {
    runs.push(key);
    return key === 'soon' && runs.length === 1 ? { requeueAfterMs: 10 } : { requeueAfterMs: 60_000 };
  }, { concurrency: 1 });
  await queue.add('soon');
  await until(() => runs.length === 2);
  await queue.add('later', { delayMs: 60_000 });
  await queue.add('later', { delayMs: 5 });
  await until(() => runs.length === 3);
  await queue.add('later');
  await until(() => runs.length === 4);
  t.deepEqual(runs, ['soon', 'soon', 'later', 'later']);
});

test('a killed Redis loses nothing: outstanding keys run when it is back', async (t) => {
  const { factory, redis } = await setUp(t);
  const queue = factory.create('c');
  const wanted = new Map<string, number>();
  const seen = new Map<string, number>();
  queue.process(async ({ key }) => {
    const value = wanted.get(key) ?? 0;
    await delay(1);
    seen.set(key, value);
    return {};
  }, { concurrency: 4 });
  const add = (round: number): void => {
    for (let i = 0; i < 50; i++) {
      wanted.set(`k${i}`, round);
      void queue.add(`k${i}`);
    }
  };
  add(1);
  await until(() => seen.size === 50);
  for (let round = 2; round <= 3; round++) {
    add(round);
    await redis.server().stop('SIGKILL');
    add(round + 10);
    await redis.restart();
    await until(() => [...wanted].every(([key, value]) => seen.get(key) === value));
  }
  t.deepEqual([...seen].toSorted(), [...wanted].toSorted());
});

test('a new owner waits for nothing that a killed one left, and Redis keeps no job', async (t) => {
  const { factory, redis, open } = await setUp(t);
  const old = factory.create('c');
  let release: (() => void) | undefined;
  old.process(() => new Promise((resolve) => {
    release = () => resolve({});
  }), { concurrency: 1 });
  await old.add('stuck');
  await old.add('never-started');
  await until(() => release !== undefined);
  const next = open().create('c');
  const ran: string[] = [];
  next.process(async ({ key }) => {
    ran.push(key);
    return {};
  }, { concurrency: 2 });
  await Promise.all([next.add('stuck'), next.add('other')]);
  await until(() => ran.length === 2);
  release?.();
  const client = new Redis(redis.socketPath);
  t.teardown(() => client.disconnect());
  await until(async () => (await client.keys('*')).every((key) => /:(id|meta|events|marker)$/.test(key)));
  t.deepEqual(ran.toSorted(), ['other', 'stuck']);
});

test('twelve queues share their command connection', async (t) => {
  const { factory, redis } = await setUp(t);
  let ran = 0;
  await Promise.all(Array.from({ length: 12 }, (_, i) => {
    const queue = factory.create(`c${i}`);
    queue.process(async () => {
      ran++;
      return {};
    }, { concurrency: 4 });
    return queue.add('x');
  }));
  await until(() => ran === 12);
  const client = new Redis(redis.socketPath);
  t.teardown(() => client.disconnect());
  const clients = String(await client.client('LIST')).trim().split('\n');
  t.true(clients.length <= 14, `${clients.length} connections`);
});

test('queues that are made and filled before Redis is there begin once it is', async (t) => {
  const { redis, open } = await setUp(t);
  await redis.server().stop('SIGKILL');
  const factory = open();
  const seen = new Set<string>();
  for (const name of ['one', 'two', 'three']) {
    const queue = factory.create(name);
    queue.process(({ key }) => {
      seen.add(`${name} ${key}`);
      return Promise.resolve({});
    }, { concurrency: 2 });
    for (let i = 0; i < 5; i++) void queue.add(`key-${i}`).catch(() => undefined);
    // So that their first commands wait for the connection in more than one batch.
    await delay(20);
  }
  await redis.restart();
  await until(() => seen.size === 15);
  const late = factory.create('late');
  late.process(({ key }) => {
    seen.add(key);
    return Promise.resolve({});
  }, { concurrency: 1 });
  await late.add('after');
  await until(() => seen.has('after'));
  t.is(seen.size, 16);
});
