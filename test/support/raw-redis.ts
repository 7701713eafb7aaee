import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

export interface RawRedis {
  readonly port: number;
  readonly url: string;
  readonly client: Redis;
  /** Sends a signal; SIGKILL at the end of the test if need be. */
  signal(signal: NodeJS.Signals): void;
}

/** A redis-server of this test with the settings given, on a port of the loopback, as an operator's own may be. */
export async function startRawRedis(t: Pick<ExecutionContext, 'teardown'>, ...settings: readonly string[]): Promise<RawRedis> {
  const dir = temporaryDirectory('headway-raw-redis');
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...settings], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  t.teardown(async () => {
    client.disconnect();
    child.kill('SIGKILL');
    await exited;
    await rm(dir, { recursive: true, force: true });
  });
  await client.connect().catch(() => undefined);
  await waitFor(async () => (await client.ping()) === 'PONG', { what: 'redis-server to answer' });
  return { port, url: `redis://127.0.0.1:${port}`, client, signal: (signal) => void child.kill(signal) };
}

export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'] as const;
