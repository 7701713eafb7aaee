import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import type { Logger } from '#base/logger.ts';
import { CommandFailed, run } from '../system/run.ts';

export interface Mount {
  readonly path: string;
  readonly fileSystem: string;
}

/** In the order in which they were mounted, see proc_pid_mountinfo(5). */
export function readMounts(mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): readonly Mount[] {
  return mountinfo.split('\n').filter((line) => line !== '').map((line) => {
    const path = (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return { path, fileSystem: line.slice(line.indexOf(' - ') + 3).split(' ')[0] ?? '' };
  });
}

export const mountsBelow = (directory: string, mounts: readonly Mount[] = readMounts()): readonly string[] =>
  mounts.map(({ path }) => path).filter((path) => path === directory || path.startsWith(directory + sep));

/** Unmounts all that lies at or below the directory, the newest first. Throws CommandFailed when one stays. */
export async function unmountBelow(directory: string, log: Logger): Promise<void> {
  for (const path of mountsBelow(directory).toReversed()) {
    try {
      await run('umount', [path]);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      log.warn('A mount is in use, it is detached', { path, error });
      await run('umount', ['--lazy', path]);
    }
  }
}
