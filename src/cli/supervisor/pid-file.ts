import { readFileSync, rmSync } from 'node:fs';
import { type Clock, systemClock } from '#base/clock.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import { identify, isRunning, type ProcessIdentity, sendSignal, terminate, waitUntilGone } from '#agents/node/system/process.ts';

/** Names the process that a part runs as, so that other commands find it and a reused pid is not mistaken for it. */
export function writePidFile(path: string, pid: number): void {
  replaceFileSync(path, JSON.stringify(identify(pid) ?? { pid, startTime: '' }), 0o644);
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

/** The pid, when the process that the file names still runs. */
export function livePid(path: string): number | undefined {
  const identity = readIdentity(path);
  return identity && isRunning(identity) ? identity.pid : undefined;
}

/** Sends `signal` (default SIGTERM) and waits until the process is gone; after `timeoutMs` it is killed. */
export async function endProcess(path: string, options: { readonly signal?: NodeJS.Signals; readonly timeoutMs: number; readonly clock?: Clock }): Promise<void> {
  const { signal = 'SIGTERM', timeoutMs, clock = systemClock } = options;
  const identity = readIdentity(path);
  if (identity) {
    sendSignal(identity, signal);
    if (!(await waitUntilGone(identity, clock, timeoutMs))) await terminate(identity, clock, 0);
  }
  removePidFile(path);
}

function readIdentity(path: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
    return { pid, startTime };
  } catch {
    return undefined;
  }
}
