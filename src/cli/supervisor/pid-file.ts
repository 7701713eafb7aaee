import { readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Which process a pid file means. A pid alone can be another program's by now; together with the start time that the kernel
 * keeps it cannot.
 */
interface ProcessIdentity {
  readonly pid: number;
  /** Field `starttime` of /proc/<pid>/stat, in clock ticks since boot. */
  readonly startTime: string;
}

export function writePidFile(path: string, pid: number): void {
  writeFileSync(path, JSON.stringify({ pid, startTime: startTimeOf(pid) }));
}

export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

/** The pid, when the process that wrote the file still runs. */
export function livePid(path: string): number | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
    return startTime !== undefined && startTimeOf(pid) === startTime ? pid : undefined;
  } catch {
    return undefined;
  }
}

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command, in parentheses, may hold spaces and parentheses; the state letter behind it is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Sends `signal` and waits until the process is gone; after `timeoutMs` it is killed. */
export async function endProcess(path: string, options: { readonly signal?: NodeJS.Signals; readonly timeoutMs: number }): Promise<void> {
  const pid = livePid(path);
  if (pid === undefined) return removePidFile(path);
  process.kill(pid, options.signal ?? 'SIGTERM');
  const deadline = Date.now() + options.timeoutMs;
  // Not our child, so there is no exit event to wait for.
  while (livePid(path) !== undefined) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  removePidFile(path);
}
