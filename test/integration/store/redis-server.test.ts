import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { startRedis } from '#store/redis/redis-server.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { AppendOnlyLogBrokenError, RedisStartError } from '#store/redis/server-errors.ts';
import { startTestRedis, type TestRedis } from '#test/support/redis.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const keyOf = (name: string) => ({ resource: 'configmaps', namespace: 'default', name });

async function fillAndKill(redis: TestRedis): Promise<string> {
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 100 } });
  for (const name of ['a', 'b', 'c']) await store.transaction([{ type: 'put', key: keyOf(name), value: `{"name":"${name}"}`, expect: 'absent' }]);
  // A store that ends gives its lease back, which would be what the log ends with.
  await redis.server().stop('SIGKILL');
  await store.close();
  const dir = join(redis.dataDir, 'appendonlydir');
  return join(dir, (await readdir(dir)).find((name) => name.endsWith('.incr.aof')) as string);
}

async function namesStored(t: ExecutionContext, redis: TestRedis): Promise<string[]> {
  const store = await openRedisStore({ socketPath: redis.socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 100 } });
  t.teardown(() => store.close());
  return (await store.snapshot()).objects.map((object) => object.key.name);
}

test('an empty directory serves at once, in a session of its own, and a stop ends the process', async (t) => {
  const redis = await startTestRedis(t);
  const { pid, exited } = redis.server();
  const session = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[5];
  t.is(Number(session), pid);
  await redis.server().stop();
  t.deepEqual(await exited, { code: 0, signal: null });
});

test('a transaction that a kill left unfinished is cut off, its bytes are kept, and the rest is there', async (t) => {
  const redis = await startTestRedis(t);
  const file = await fillAndKill(redis);
  await truncate(file, (await stat(file)).size - 40);
  await redis.restart();
  t.deepEqual(await namesStored(t, redis), ['a', 'b']);
  t.true((await readdir(redis.dataDir)).some((name) => name.includes('.torn-at-')));
});

test('a log broken in the middle is refused with the file and the repair, and left as it is', async (t) => {
  const redis = await startTestRedis(t);
  const file = await fillAndKill(redis);
  const text = await readFile(file, 'latin1');
  // A damaged length: everything behind it looks like one unfinished argument.
  const at = text.indexOf('$', text.indexOf('XADD'));
  const handle = await open(file, 'r+');
  await handle.write('$9999', at);
  await handle.close();
  const damaged = await readFile(file);
  const error = await t.throwsAsync(redis.restart(), { instanceOf: AppendOnlyLogBrokenError });
  t.is(error.data.file, file);
  t.regex(error.message, /redis-check-aof --fix .*appendonly\.aof\.manifest/);
  t.deepEqual(await readFile(file), damaged);
});

const damages: readonly { readonly title: string; readonly damage: (incr: string) => Promise<void>; readonly names: RegExp }[] = [
  { title: 'without its manifest', damage: (incr) => rm(join(dirname(incr), 'appendonly.aof.manifest')), names: /manifest$/ },
  { title: 'without a file that the manifest names', damage: (incr) => rm(incr), names: /incr\.aof$/ },
  { title: 'with a cut base file', damage: (incr) => truncate(incr.replace('.incr.aof', '.base.rdb'), 50), names: /base\.rdb$/ },
  { title: 'with zeros at its end', damage: async (incr) => truncate(incr, (await stat(incr)).size + 100), names: /incr\.aof$/ },
];
for (const { title, damage, names } of damages) {
  test(`a log ${title} is refused`, async (t) => {
    const redis = await startTestRedis(t);
    await damage(await fillAndKill(redis));
    const error = await t.throwsAsync(redis.restart(), { instanceOf: AppendOnlyLogBrokenError });
    t.regex(error.data.file, names);
  });
}

test('a program that is not there is a clear error', async (t) => {
  const dir = temporaryDirectory('headway-redis');
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const error = await t.throwsAsync(startRedis({ dataDir: join(dir, 'data'), runDir: join(dir, 'run'), binary: join(dir, 'redis-server'), log: silentLogger }), { instanceOf: RedisStartError });
  t.regex(error.data.output, /ENOENT/);
});

test('a server left behind on the same data is ended before a new one starts', async (t) => {
  const redis = await startTestRedis(t);
  const left = redis.server();
  await redis.restart();
  t.not(redis.server().pid, left.pid);
  t.deepEqual(await left.exited, { code: 0, signal: null });
});

test('a reused pid in the pid file harms nobody', async (t) => {
  const redis = await startTestRedis(t);
  await redis.server().stop('SIGKILL');
  const bystander = spawn('sleep', ['60']);
  t.teardown(() => bystander.kill());
  const pidFile = await open(join(redis.dataDir, 'redis.pid'), 'w');
  await pidFile.writeFile(String(bystander.pid));
  await pidFile.close();
  await redis.restart();
  t.is(bystander.exitCode, null);
  bystander.kill();
  await once(bystander, 'exit');
});
