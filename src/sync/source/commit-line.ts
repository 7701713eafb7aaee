import { diffTrees } from '../diff/tree-diff.ts';
import type { GitRepository } from './git-repository.ts';
import { noteChange, type Changes } from './last-changes.ts';

/** Of more, git reads all faster than its process takes to start. */
const MAX_COMMITS = 50;

/**
 * What the commits after `since` changed, newest first, read commit by commit without a process of git, whose start stops this one for the longer the more memory it has.
 * Undefined where git must be asked: `since` is not behind `revision` in a straight line, or far, or the clone is shallow.
 */
export async function changesInLine(repository: Pick<GitRepository, 'commit' | 'tree' | 'hasCommit'>, revision: string, since: string): Promise<Changes | undefined> {
  const changes: Changes = new Map();
  let commit = await repository.commit(revision);
  for (let steps = 0; commit.oid !== since; steps++) {
    const [parent, ...others] = commit.parents;
    if (parent === undefined || others.length > 0 || steps === MAX_COMMITS || !(await repository.hasCommit(parent))) return undefined;
    const before = await repository.commit(parent);
    const { oid, author, time } = commit;
    for (const { path, after } of await diffTrees(repository, before.tree, commit.tree)) if (after) noteChange(changes, { commit: oid, author, time }, { ...after, path });
    commit = before;
  }
  return changes;
}
