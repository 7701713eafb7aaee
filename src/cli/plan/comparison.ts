import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SourceError } from '#sync/errors.ts';
import type { RevisionName } from '#sync/offline/change-plan.ts';
import type { RepositoryHere } from '#sync/offline/excuses.ts';
import { runGit } from '#sync/source/git-command.ts';
import { findGitDir } from '#sync/source/git-dir.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { UsageError } from '../usage-error.ts';

const GIT_TIMEOUT_MS = 30_000;

export interface ComparisonFlags {
  readonly repo: string;
  readonly base: string;
  readonly head: string;
  /** Base as it is; by default what both have in common, as a pull request shows it. */
  readonly direct?: true;
}

export interface OpenComparison {
  readonly repository: GitRepository;
  readonly base: RevisionName;
  readonly head: RevisionName;
  readonly here: RepositoryHere;
}

/** Opens the repository around a folder and finds the two commits. @throws UsageError that says what is wrong with which flag */
export async function openComparison({ repo, base, head, direct }: ComparisonFlags): Promise<OpenComparison> {
  const top = topOf(resolve(repo));
  const git = gitOf(top);
  const repository = await open(repo, top);
  // Never fails, so that nothing must wait for it here.
  const here = repositoryHere(git, top, base);
  try {
    const [from, to] = await Promise.all([commitOf(git, '--base', base), commitOf(git, '--head', head)]);
    const common = direct ? from : await mergeBase(git, { from, to, base, head });
    return { repository, base: { ref: base, commit: common }, head: { ref: head, commit: to }, here: await here };
  } catch (error) {
    repository.close();
    throw error;
  }
}

type Git = (...args: readonly string[]) => Promise<string>;

/** In the work tree's own directory, where HEAD is its own, too. */
const gitOf = (top: string): Git => {
  const dotGit = join(top, '.git');
  const gitDir = existsSync(dotGit) ? dotGit : top;
  return async (...args) => (await runGit(args, { gitBinary: 'git', gitDir, timeoutMs: GIT_TIMEOUT_MS })).toString().trim();
};

/** The nearest folder upwards that is a repository, as git finds it. */
function topOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git')) || existsSync(join(at, 'HEAD'))) return at;
    if (at === dirname(at)) return folder;
  }
}

async function open(repo: string, top: string): Promise<GitRepository> {
  try {
    return await GitRepository.open({ gitDir: await findGitDir(top), gitBinary: 'git' });
  } catch (cause) {
    if (cause instanceof SourceError) throw new UsageError(`--repo ${repo}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function commitOf(git: Git, flag: string, revision: string): Promise<string> {
  try {
    return await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
  } catch (cause) {
    if (!(cause instanceof SourceError) || cause.data.reason !== 'GitFailed') throw cause;
    throw new UsageError(`${flag} ${revision}: the repository has no such commit; fetch it first, or name a branch, a tag or a commit that it has`, { cause });
  }
}

async function mergeBase(git: Git, { from, to, base, head }: { readonly from: string; readonly to: string; readonly base: string; readonly head: string }): Promise<string> {
  try {
    return await git('merge-base', from, to);
  } catch (cause) {
    if (!(cause instanceof SourceError) || cause.data.reason !== 'GitFailed') throw cause;
    throw new UsageError(`${base} and ${head} have no commit in common here; fetch the whole history (a shallow clone lacks it: fetch-depth 0), or compare them as they are with --direct`, { cause });
  }
}

async function repositoryHere(git: Git, top: string, base: string): Promise<RepositoryHere> {
  const none = (): string => '';
  const [full, remotes] = await Promise.all([git('rev-parse', '--symbolic-full-name', '--end-of-options', base).catch(none), git('config', '--get-regexp', String.raw`^remote\..*\.url$`).catch(none)]);
  const branch = /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/m.exec(full)?.[1] ?? '';
  return { branch, urls: [top, ...remotes.split('\n').flatMap((line) => line.split(' ').slice(1))] };
}
