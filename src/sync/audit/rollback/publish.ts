import { REMOTE_NAME, remoteCall, type Checkout, type RemoteRepository } from '../checkout.ts';
import { UserGit, type GitOutcome } from '../user-git.ts';

export interface Publication {
  /** Of the branch, in full. */
  readonly ref: string;
  readonly commit: string;
  /** What the branch must be at; undefined: it must not be there yet. */
  readonly expected: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type PublishOutcome =
  | { readonly type: 'published'; /** Work tree that follows the branch, updated as well. */ readonly workTree?: string }
  /** Somebody else was there first; nothing was changed. */
  | { readonly type: 'moved' }
  /** Something on this machine is in the way; nothing was changed. */
  | { readonly type: 'refused'; readonly why: string }
  /** The repository cannot be reached, or takes no such write from us. */
  | { readonly type: 'unwritable'; readonly why: string };

const NO_COMMIT = '0'.repeat(40);

/** Moves the branch by compare-and-set: at its remote, or in a repository on this machine along with the clean work tree that has it checked out. */
export const publish = (checkout: Checkout, publication: Publication): Promise<PublishOutcome> =>
  checkout.remote ? push(checkout.git, checkout.remote, publication) : updateLocal(checkout.git, publication);

async function push(git: UserGit, remote: RemoteRepository, { ref, commit, expected, signal }: Publication): Promise<PublishOutcome> {
  const outcome = await git.try(['push', '--porcelain', `--force-with-lease=${ref}:${expected ?? ''}`, REMOTE_NAME, `${commit}:${ref}`], { ...remoteCall(remote), ...(signal ? { signal } : {}) });
  return readPush(outcome);
}

/** See git-push(1), "--porcelain". With a lease, a branch that moved is "stale info"; a server that was asked by two at once cannot lock the ref. */
export function readPush({ code, stdout, stderr }: GitOutcome): PublishOutcome {
  if (code === 0) return { type: 'published' };
  const summary = /^!\t[^\t]*\t(.*)$/m.exec(stdout)?.[1];
  if (summary !== undefined && (summary.startsWith('[rejected]') || /cannot lock ref|failed to update ref|incorrect old value|reference already exists|fetch first/.test(`${summary}${stderr}`))) return { type: 'moved' };
  return { type: 'unwritable', why: [summary, ...stderr.split('\n').filter((line) => !/^(?:error: failed to push|hint:|To )/.test(line))].filter(Boolean).join('; ') || `git push ended with ${code}` };
}

async function updateLocal(git: UserGit, { ref, commit, expected }: Publication): Promise<PublishOutcome> {
  const workTree = await workTreeOf(git, ref);
  const inside = new UserGit({ gitBinary: git.gitBinary });
  if (workTree !== undefined && expected !== undefined) {
    const obstacle = await obstacleIn(inside, { workTree, commit, expected });
    if (obstacle) return { type: 'refused', why: obstacle };
  }
  const moved = await git.try(['update-ref', '-m', 'headway rollback', '--create-reflog', ref, commit, expected ?? NO_COMMIT]);
  if (moved.code !== 0) return isReadOnly(moved.stderr) ? { type: 'unwritable', why: moved.stderr } : { type: 'moved' };
  if (workTree === undefined || expected === undefined) return { type: 'published' };
  await inside.run(['read-tree', '-m', '-u', expected, commit], { cwd: workTree });
  return { type: 'published', workTree };
}

export const isReadOnly = (words: string): boolean => /permission denied|insufficient permission|read-only file system/i.test(words);

/** The work tree that has the branch checked out, if any. */
async function workTreeOf(git: UserGit, ref: string): Promise<string | undefined> {
  const blocks = (await git.run(['worktree', 'list', '--porcelain'])).split('\n\n');
  const block = blocks.find((text) => text.split('\n').includes(`branch ${ref}`) && !/^(?:bare|prunable\b.*)$/m.test(text));
  return block === undefined ? undefined : /^worktree (.*)$/m.exec(block)?.[1];
}

/** As with a push to a checked-out branch (receive.denyCurrentBranch=updateInstead): only a clean work tree is brought along. */
async function obstacleIn(git: UserGit, { workTree, commit, expected }: { readonly workTree: string; readonly commit: string; readonly expected: string }): Promise<string | undefined> {
  const call = { cwd: workTree };
  if ((await git.run(['status', '--porcelain', '--untracked-files=no'], call)) !== '') return `the work tree ${workTree} has the branch checked out and changes that are not committed; commit or stash them, or use --branch`;
  const { code, stderr } = await git.try(['read-tree', '-n', '-m', '-u', expected, commit], call);
  return code === 0 ? undefined : `the work tree ${workTree} has the branch checked out and cannot take the files: ${stderr}`;
}
