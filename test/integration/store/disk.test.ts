import { execFileSync } from 'node:child_process';
import { rm, truncate, writeFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { type Logger, silentLogger } from '#base/logger.ts';
import { Supervised } from '#cli/supervisor/supervised.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { type RedisServer, startRedis } from '#store/redis/redis-server.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { DiskUnusableError } from '#store/redis/server-errors.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const DISK_BYTES = 12_000_000;
const VALUE = JSON.stringify({ text: 'x'.repeat(50_000) });

interface Disk {
  readonly options: Parameters<typeof startRedis>[0];
  /** Leaves no byte. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remount(mode: 'ro' | 'rw'): void;
}

/** A small file system of its own; mounting one takes root, as all of Headway's tests have it. */
async function mountDisk(t: ExecutionContext): Promise<Disk> {
  const dir = temporaryDirectory('headway-disk');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', dir]);
  const runDir = temporaryDirectory('headway-run');
  t.teardown(async () => {
    execFileSync('umount', ['--lazy', dir]);
    await Promise.all([dir, runDir].map((path) => rm(path, { recursive: true, force: true })));
  });
  return {
    options: { dataDir: join(dir, 'data'), runDir, log: silentLogger },
    fill: () => writeFile(join(dir, 'filler'), Buffer.alloc(DISK_BYTES)).catch(() => undefined),
    free: () => rm(join(dir, 'filler')),
    remount: (mode) => void execFileSync('mount', ['-o', `remount,${mode}`, dir]),
  };
}

async function openStore(t: ExecutionContext, socketPath: string): Promise<ObjectStore> {
  const store = await openRedisStore({ socketPath, log: silentLogger, clock: systemClock, retention: { maxAgeMs: 60_000, maxEvents: 1_000_000 } });
  t.teardown(() => store.close());
  return store;
}
const write = (store: ObjectStore, name: string) => store.transaction([{ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: VALUE, expect: 'any' }]);

test('while the disk is full writes fail, nothing acknowledged is lost, and writes go on when there is space', async (t) => {
  t.timeout(60_000);
  const disk = await mountDisk(t);
  const errors: string[] = [];
  const log: Logger = { ...silentLogger, error: (message) => void errors.push(message) };
  let server: RedisServer | undefined;
  const supervised = new Supervised({
    name: 'redis', pidFile: join(disk.options.runDir, 'redis.pid'), clock: systemClock, log: silentLogger,
    start: async () => (server = await startRedis({ ...disk.options, log })),
  });
  await supervised.start();
  t.teardown(() => supervised.stop());
  const store = await openStore(t, (server as unknown as RedisServer).socketPath);
  const acknowledged: string[] = [];
  const writeNext = async (): Promise<void> => {
    const name = `n${acknowledged.length}`;
    await write(store, name);
    acknowledged.push(name);
  };
  await writeNext();
  await disk.fill();
  const failure = await t.throwsAsync((async () => {
    for (;;) await writeNext();
  })(), { instanceOf: StoreUnavailableError });
  t.regex(failure.message, /Redis/);
  await waitFor(() => errors.includes('redis-server cannot write to its disk; it ends, and is started again when there is space'), { what: 'the log to say why' });
  await disk.free();
  await waitFor(() => writeNext().then(() => true), { what: 'writes to go on', timeoutMs: 30_000 });
  const stored = new Set((await store.snapshot()).objects.map((object) => object.key.name));
  t.deepEqual(acknowledged.filter((name) => !stored.has(name)), []);
});

async function fillAndStop(t: ExecutionContext, disk: Disk): Promise<string> {
  const server = await startRedis(disk.options);
  const store = await openStore(t, server.socketPath);
  for (const name of ['a', 'b']) await write(store, name);
  // A store that ends gives its lease back, which would be what the log ends with.
  await server.stop('SIGKILL');
  await store.close();
  const dir = join(disk.options.dataDir, 'appendonlydir');
  return join(dir, (await readdir(dir)).find((name) => name.endsWith('.incr.aof')) as string);
}

async function namesAfterStart(t: ExecutionContext, disk: Disk): Promise<string[]> {
  const server = await startRedis(disk.options);
  t.teardown(() => server.stop('SIGKILL'));
  return (await (await openStore(t, server.socketPath)).snapshot()).objects.map((object) => object.key.name);
}

test('a read-only disk is named as such, with the repair, and not as a broken log', async (t) => {
  const disk = await mountDisk(t);
  await fillAndStop(t, disk);
  disk.remount('ro');
  const error = await t.throwsAsync(startRedis(disk.options), { instanceOf: DiskUnusableError });
  t.regex(error.message, /^Redis cannot use .*data: Read-only file system\. Mount it writable again \(mount -o remount,rw\).* The data is as it was\.$/);
  disk.remount('rw');
  t.deepEqual(await namesAfterStart(t, disk), ['a', 'b']);
});

test('a torn tail is not cut off while there is no space to keep it, and is when there is', async (t) => {
  const disk = await mountDisk(t);
  const file = await fillAndStop(t, disk);
  await disk.fill();
  const size = (await stat(file)).size;
  // Less than a page: no space comes free.
  await truncate(file, size - 10);
  const error = await t.throwsAsync(startRedis(disk.options), { instanceOf: DiskUnusableError });
  t.regex(error.message, /No space left on device\. Free space on its disk/);
  t.is((await stat(file)).size, size - 10);
  await disk.free();
  t.deepEqual(await namesAfterStart(t, disk), ['a']);
});
