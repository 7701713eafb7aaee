import { asError } from '#base/errors.ts';
import { DiskUnusableError } from './server-errors.ts';

interface Problem {
  /** As strerror(3) says it. */
  readonly text: string;
  readonly repair: string;
}

/** Failures of the disk, not of what is on it: the log is as good as it was. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ENOSPC: { text: 'No space left on device', repair: 'free space on its disk' },
  EDQUOT: { text: 'Disk quota exceeded', repair: 'raise the quota, or free space' },
  EROFS: { text: 'Read-only file system', repair: 'mount it writable again (mount -o remount,rw); a disk that became read-only by itself has failed, see dmesg' },
  EACCES: { text: 'Permission denied', repair: 'give the folder and its files to the user that runs Headway (chown -R)' },
  EIO: { text: 'Input/output error', repair: 'the disk fails, see dmesg; copy the folder to another one, and start there with --data-dir' },
};

/** The error for what redis-server printed, or for a failed file operation; undefined when the disk is not the reason. */
export function diskProblem(dataDir: string, failure: unknown): DiskUnusableError | undefined {
  const text = typeof failure === 'string' ? failure : '';
  const { code } = failure as NodeJS.ErrnoException;
  const problem = PROBLEMS[code ?? ''] ?? Object.values(PROBLEMS).find((candidate) => text.includes(`: ${candidate.text}`));
  if (problem === undefined) return undefined;
  const message = `Redis cannot use ${dataDir}: ${problem.text}. ${capital(problem.repair)}. The data is as it was.`;
  return new DiskUnusableError(message, { dataDir, reason: problem.text }, typeof failure === 'string' ? {} : { cause: asError(failure) });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Redis ends by itself when it cannot write a log that it must sync. */
export const isWriteFailure = (line: string): boolean => /Short write while writing to the AOF|Error writing to the AOF file|write error when the AOF fsync policy is 'always'/.test(line);
