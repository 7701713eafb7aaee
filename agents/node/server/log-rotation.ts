import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';

/** 10 MiB in each of 5 files a container: what Kubernetes keeps by default. */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;
export const MAX_LOG_FILES = 5;
const CHECK_MS = 10_000;

export interface LogRotationOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Keeps the logs of running containers within their bounds. */
export class LogRotation {
  readonly #options: LogRotationOptions;

  constructor(options: LogRotationOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run();
  }

  async #run(): Promise<void> {
    const { clock, signal, log, runtime } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(CHECK_MS, signal).catch(() => {});
      if (signal.aborted) return;
      try {
        for (const c of await runtime.listContainers()) if (c.state === 'running' && c.logPath) await rotateIfLarge(c.logPath, () => runtime.reopenLog(c.id), clock.now());
      } catch (thrown) {
        log.debug('log rotation failed', { error: asError(thrown) });
      }
    }
  }
}

/** Renames a log that has grown too large, has the runtime open a new one, and removes the oldest beyond the bound. */
export async function rotateIfLarge(path: string, reopen: () => Promise<void>, now: number): Promise<boolean> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size <= MAX_LOG_BYTES) return false;
  const rotated = `${path}.${new Date(now).toISOString().replace(/[-:T]/g, '').slice(0, 14)}`;
  await rename(path, rotated);
  try {
    await reopen();
  } catch (error) {
    // The runtime still writes to the old file: it must keep its name.
    await rename(rotated, path);
    throw error;
  }
  const old = await rotatedLogs(path);
  for (const file of old.slice(0, Math.max(0, old.length - (MAX_LOG_FILES - 1)))) await rm(file, { force: true });
  return true;
}

/** The earlier files of a log, oldest first. */
export async function rotatedLogs(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.filter((n) => n.startsWith(`${basename(path)}.`)).toSorted().map((n) => join(dirname(path), n));
}
