import { rm, stat } from 'node:fs/promises';
import { systemClock, type Clock } from '#base/clock.ts';
import { SourceError } from '../errors.ts';

/** git holds a lock while it writes one small file, and a process that is killed leaves its locks for good. */
const STALE_MS = 60_000;

/** Whether git failed, by its own words, at what another process holds. */
export const isLocked = (words: string): boolean => /cannot lock ref|Unable to create '[^\n]*\.lock'/.test(words);

/** Removes the locks that git names, as those that it could not take, and that are older than any process holds one. Whether there were any. */
export async function removeStaleLocks(words: string, clock: Pick<Clock, 'now'> = systemClock): Promise<boolean> {
  let isRemoved = false;
  for (const [, path = ''] of words.matchAll(/Unable to create '([^\n]*\.lock)': File exists/g)) {
    const age = clock.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity);
    if (age < STALE_MS) continue;
    await rm(path, { force: true });
    isRemoved = true;
  }
  return isRemoved;
}

/** Runs `task`, and again when all that stopped it were locks of processes that are gone. @throws what `task` throws */
export async function pastStaleLocks<T>(task: () => Promise<T>, clock?: Pick<Clock, 'now'>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof SourceError) || !(await removeStaleLocks(error.message, clock))) throw error;
    }
  }
}
