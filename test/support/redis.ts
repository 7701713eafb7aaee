import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext, TestFn } from 'ava';
import { silentLogger } from '#base/logger.ts';
import { type RedisServer, startRedis } from '#store/redis/redis-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface TestRedis {
  readonly socketPath: string;
  readonly dataDir: string;
  /** The process that serves now. */
  server(): RedisServer;
  /** Starts Redis again on the same data; it must have ended. */
  restart(): Promise<void>;
}

/** A Redis of this test alone in a fresh directory; both are gone when the test ends, however it ends. */
export async function startTestRedis(t: Pick<ExecutionContext, 'teardown'>): Promise<TestRedis> {
  const dir = temporaryDirectory('headway-redis');
  const options = { dataDir: join(dir, 'data'), runDir: join(dir, 'run'), log: silentLogger };
  let server: RedisServer | undefined;
  t.teardown(async () => {
    await server?.stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });
  const start = async (): Promise<RedisServer> => (server = await startRedis(options));
  const { socketPath } = await start();
  return { socketPath, dataDir: options.dataDir, server: () => server as RedisServer, restart: async () => void (await start()) };
}

/** One Redis for all tests of a file; each store gets a prefix of its own. */
export function shareTestRedis(test: TestFn): { next(): { readonly socketPath: string; readonly prefix: string } } {
  const teardowns: (() => unknown)[] = [];
  let socketPath = '';
  let stores = 0;
  test.before(async () => {
    ({ socketPath } = await startTestRedis({ teardown: (task) => void teardowns.push(task) }));
  });
  test.after.always(async () => {
    for (const teardown of teardowns) await teardown();
  });
  return { next: () => ({ socketPath, prefix: `{store-${stores++}}` }) };
}
