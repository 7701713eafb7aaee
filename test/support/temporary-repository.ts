import { rm } from 'node:fs/promises';
import { createTestRepository } from './git-repository.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A real repository in a fresh temporary folder. */
export interface TemporaryRepository {
  readonly path: string;
  git(...args: readonly string[]): string;
  /** Writes (or with null removes) files and commits them; answers with the commit's id. */
  commit(files: Readonly<Record<string, string | null>>, message?: string, author?: string): string;
  dispose(): Promise<void>;
}

export async function createTemporaryRepository(): Promise<TemporaryRepository> {
  const path = temporaryDirectory('headway-git');
  const { git, write, remove } = createTestRepository(path);
  return {
    path, git,
    commit(files, message = 'change', author = 'Ada <ada@example.org>') {
      for (const [name, content] of Object.entries(files)) {
        if (content === null) remove(name);
        else write(name, content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', `--message=${message}`, `--author=${author}`);
      return git('rev-parse', 'HEAD');
    },
    dispose: () => rm(path, { recursive: true, force: true }),
  };
}
