import { SourceError } from '#sync/errors.ts';
import { runGit } from '#sync/source/git-command.ts';
import { findGitDir } from '#sync/source/git-dir.ts';
import { isSafeRef, refNames } from '#sync/source/ref-names.ts';
import type { ClusterOptions } from './up-options.ts';
import { UsageError } from './usage-error.ts';

const GIT_TIMEOUT_MS = 10_000;

/**
 * Whether a repository on this machine has the ref and the folder that `up` is to follow: a slip of the pen is said at once, rather than
 * by an application that never becomes healthy. A remote one is left to sync: a network that is down must not keep a cluster from starting.
 * @throws UsageError that says what there is instead
 */
export async function requireRepository({ repository }: Pick<ClusterOptions, 'repository'>): Promise<void> {
  if (!repository?.url.startsWith('/')) return;
  const { url, ref, path } = repository;
  try {
    const git = await gitOf(url);
    const commit = await commitOf(git, ref);
    if (commit === undefined) throw new UsageError(`--ref ${ref}: ${url} has no such branch, tag or commit; ${await whatThereIs(git)}`);
    if (path !== '' && !(await hasFolder(git, commit, path))) {
      throw new UsageError(`--path ${path}: commit ${commit.slice(0, 7)} of ${url} has no such folder; commit it, or name another`);
    }
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    throw new UsageError(`--repo ${url}: ${thrown.message}; give the path of a Git repository or its URL (https://, ssh://)`, { cause: thrown });
  }
}

type Git = (...args: readonly string[]) => Promise<string>;

async function gitOf(url: string): Promise<Git> {
  const gitDir = await findGitDir(url);
  return async (...args) => (await runGit(args, { gitBinary: 'git', gitDir, timeoutMs: GIT_TIMEOUT_MS })).toString().trim();
}

async function commitOf(git: Git, ref: string): Promise<string | undefined> {
  for (const name of isSafeRef(ref) ? refNames(ref) : []) {
    const found = await ifFound(git('rev-parse', '--verify', '--quiet', `${name}^{commit}`));
    if (found) return found;
  }
  // Versions are loaded for those who ask for them only.
  const { chooseVersion } = await import('#sync/source/resolve-ref.ts');
  const tag = chooseVersion(ref, (await git('for-each-ref', '--format=%(refname:strip=2)', 'refs/tags')).split('\n'));
  if (tag !== undefined) return git('rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`);
  if (!isSafeRef(ref)) throw new UsageError(`--ref ${JSON.stringify(ref)} is no name of a branch, a tag or a commit, and no tag is a version in it`);
  return undefined;
}

const hasFolder = async (git: Git, commit: string, path: string): Promise<boolean> => (await ifFound(git('cat-file', '-t', `${commit}:${path}`))) === 'tree';

async function whatThereIs(git: Git): Promise<string> {
  const branches = await git('for-each-ref', '--count=10', '--format=%(refname:short)', 'refs/heads');
  return branches === '' ? 'it has no commit yet' : `its branches are ${branches.split('\n').join(', ')}`;
}

/** git's way to say no is to fail. */
const ifFound = (answer: Promise<string>): Promise<string | undefined> => answer.catch((thrown: unknown) => {
  if (thrown instanceof SourceError && thrown.data.reason === 'GitFailed') return undefined;
  throw thrown;
});
