import { readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#base/logger.ts';

/** Redis may have to write out its last buffers; after that it is hung. */
const END_WITHIN_MS = 10_000;

/**
 * Ends a redis-server that still works in the data directory. Only a process whose pid file, program and working directory
 * all fit is taken for one, so a reused pid harms nobody.
 */
export async function endLeftover(dataDir: string, log: Logger): Promise<void> {
  const pid = Number(await readFile(join(dataDir, 'redis.pid'), 'utf8').catch(() => ''));
  if (!(pid > 0) || !(await isServerOf(pid, dataDir))) return;
  log.warn('Ending a redis-server that was left behind', { pid });
  signalProcess(pid, 'SIGTERM');
  for (const deadline = performance.now() + END_WITHIN_MS; await isServerOf(pid, dataDir); ) {
    if (performance.now() > deadline) signalProcess(pid, 'SIGKILL');
    await sleep(5);
  }
}

async function isServerOf(pid: number, dataDir: string): Promise<boolean> {
  try {
    const [cwd, exe] = await Promise.all([readlink(`/proc/${pid}/cwd`), readlink(`/proc/${pid}/exe`)]);
    return cwd === dataDir && /^(redis|valkey)-/.test(basename(exe));
  } catch {
    // It has ended, or is another user's: not ours in both cases.
    return false;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
