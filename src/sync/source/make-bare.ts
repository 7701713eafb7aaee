import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runGit, type GitCommandOptions } from './git-command.ts';
import { isDirectory } from './git-dir.ts';

const TIMEOUT_MS = 60_000;

/**
 * Has an empty bare repository there, unless there is a repository. Each process that finds none makes one of its own, and the first to put it in its place wins,
 * so that nobody ever sees half of one. @throws SourceError
 */
export async function makeBare(gitDir: string, { gitBinary, signal }: Pick<GitCommandOptions, 'gitBinary' | 'signal'>): Promise<void> {
  if (await isMade(gitDir)) return;
  const made = besides(gitDir);
  await mkdir(dirname(gitDir), { recursive: true, mode: 0o700 });
  try {
    await runGit(['init', '--quiet', '--bare', made], { gitBinary, timeoutMs: TIMEOUT_MS, ...(signal ? { signal } : {}) });
    await put(made, gitDir);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/** A name that {@link UnusedMirrors} knows, should the process die. */
export const besides = (gitDir: string): string => `${gitDir}.${randomBytes(4).toString('hex')}`;

/** The objects are what `git init` makes last. */
const isMade = (gitDir: string): Promise<boolean> => isDirectory(join(gitDir, 'objects'));

async function put(made: string, gitDir: string): Promise<void> {
  try {
    await rename(made, gitDir);
  } catch (error) {
    if (await isMade(gitDir)) return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    // What was made in its place was left half made.
    const broken = besides(gitDir);
    await rename(gitDir, broken);
    await rm(broken, { recursive: true, force: true });
    await put(made, gitDir);
  }
}
