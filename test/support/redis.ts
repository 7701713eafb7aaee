import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A redis-server of a test's own, on a unix socket in a fresh directory. */
export interface TestRedis {
  readonly socketPath: string;
  readonly directory: string;
  /** SIGKILL; the data stays for {@link TestRedis.start}. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Kills the server and removes its directory. */
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 10_000;

/** Starts with appendonly and fsync always, as Headway does. */
export async function startTestRedis(): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-redis-'));
  const socketPath = join(directory, 's');
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await rm(socketPath, { force: true });
  };
  const start = async (): Promise<void> => {
    child = spawn('redis-server', ['--port', '0', '--unixsocket', socketPath, '--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''], { stdio: 'ignore' });
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!existsSync(socketPath)) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error('redis-server did not start');
      await delay(5);
    }
  };
  await start();
  return {
    socketPath, directory, kill, start,
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
