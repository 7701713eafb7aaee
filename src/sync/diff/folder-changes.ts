import { diffTrees } from './tree-diff.ts';
import type { GitRepository } from '../source/git-repository.ts';

/** Which folders differ between a commit and one before it. */
export interface FolderChanges {
  /** The commit before. */
  readonly from: string;
  /** Those that hold a file that differs, up to the root. */
  readonly folders: ReadonlySet<string>;
}

/** Undefined when the commit before is not there, as after a force push or of a Repository with another address. */
export async function folderChanges(repository: GitRepository, from: string, to: string): Promise<FolderChanges | undefined> {
  try {
    // Asked first: to read what is missing would be taken for damage.
    if (!(await repository.hasCommit(from))) return undefined;
    const [before, now] = await Promise.all([repository.commit(from), repository.commit(to)]);
    const changes = await diffTrees(repository, before.tree, now.tree);
    return { from, folders: new Set(changes.flatMap(({ path }) => foldersOf(path))) };
  } catch {
    return undefined;
  }
}

const foldersOf = (path: string): readonly string[] => ['', ...path.split('/').slice(0, -1).map((_, i, names) => names.slice(0, i + 1).join('/'))];
