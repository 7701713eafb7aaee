import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A real Git repository in a folder of the test's own. */
export interface TestRepository {
  readonly directory: string;
  read(path: string): string;
  write(path: string, content: string): void;
  /** Replaces text that must be there. */
  edit(path: string, from: string | RegExp, to: string): void;
  remove(path: string): void;
  /** Commits everything; resolves to the commit's id. */
  commit(message: string): string;
  git(...args: readonly string[]): string;
}

export function createTestRepository(directory: string, copyFrom?: { readonly source: string; readonly to: string }): TestRepository {
  mkdirSync(directory, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=Ada Tester', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet', '--initial-branch=main');
  if (copyFrom) cpSync(copyFrom.source, join(directory, copyFrom.to), { recursive: true });
  const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  const repository: TestRepository = {
    directory, read, write, git,
    edit(path, from, to) {
      const before = read(path);
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${path} does not hold ${from}`);
      write(path, after);
    },
    remove: (path) => rmSync(join(directory, path), { recursive: true }),
    commit(message) {
      git('add', '--all');
      git('commit', '--quiet', '--message', message);
      return git('rev-parse', 'HEAD');
    },
  };
  if (copyFrom) repository.commit('The first state');
  return repository;
}
