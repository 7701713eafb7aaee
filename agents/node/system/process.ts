import { readFileSync, readdirSync } from 'node:fs';
import type { Clock } from '#base/clock.ts';

/** A process, told apart from a later one with the same number by its start time (clock ticks since boot). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The identity of a running process; undefined when there is none, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The command name may hold spaces and parentheses: fields are counted from the last parenthesis. See proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[19];
  return fields[0] === 'Z' || fields[0] === 'X' || startTime === undefined ? undefined : { pid, startTime };
}

export const isRunning = (process: ProcessIdentity): boolean => identify(process.pid)?.startTime === process.startTime;

/** The arguments of a process; empty when it is gone. */
export const commandLine = (pid: number): readonly string[] => (readProc(pid, 'cmdline') ?? '').split('\0').slice(0, -1);

export const allPids = (): readonly number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);

/** Sends the signal unless the process has ended. Returns whether it was sent. */
export function sendSignal(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
export async function terminate(target: ProcessIdentity, clock: Clock, graceMs: number): Promise<void> {
  sendSignal(target, 'SIGTERM');
  if (await waitUntilGone(target, clock, graceMs)) return;
  sendSignal(target, 'SIGKILL');
  await waitUntilGone(target, clock, 5000);
}

/** Whether the process ended within `timeoutMs`. For processes that are not our children, whose end nobody reports. */
export async function waitUntilGone(target: ProcessIdentity, clock: Clock, timeoutMs: number): Promise<boolean> {
  const deadline = clock.monotonic() + timeoutMs;
  while (isRunning(target)) {
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(10);
  }
  return true;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
