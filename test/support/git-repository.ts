import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real repository of a test's own, made with the system's git. */
export interface TestRepository {
  readonly path: string;
  git(...args: readonly string[]): string;
  /** Writes (or with null removes) files and commits them; answers with the commit's id. */
  commit(files: Readonly<Record<string, string | Buffer | null>>, message?: string, author?: string): string;
  remove(): Promise<void>;
}

export async function createTestRepository(): Promise<TestRepository> {
  const path = await mkdtemp(join(tmpdir(), 'headway-git-'));
  const env = { PATH: process.env['PATH'], HOME: path, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' };
  const git = (...args: readonly string[]): string => execFileSync('git', [...args], { cwd: path, env, stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
  git('init', '--quiet', '--initial-branch=main');
  return {
    path, git,
    commit(files, message = 'change', author = 'Ada <ada@example.org>') {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        if (content === null) rmSync(file, { recursive: true });
        else {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', `--message=${message}`, `--author=${author}`);
      return git('rev-parse', 'HEAD');
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
