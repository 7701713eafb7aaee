import { findFolder } from '../diff/tree-diff.ts';
import { ApplicationIndex, type IndexedFolder } from '../inventory/application-index.ts';
import { isUnchanged, rememberTrees, type TreeReader } from '../render/unit/unit-tree.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';

/** A commit as all applications of its repository look at it: what one of them reads is read for all. */
export interface NewCommit {
  readonly revision: string;
  /** Object id of its root tree. */
  readonly root: Promise<string>;
  readonly trees: TreeReader;
}

export function newCommit({ repository, revision }: TrackedRevision): NewCommit {
  const root = repository.commit(revision).then(({ tree }) => tree);
  // Whoever looks is told; it may be nobody.
  root.catch(() => undefined);
  return { revision, root, trees: rememberTrees(repository) };
}

/** What is applied, as of another commit that changes none of it; undefined when it changes something. Costs lookups in trees only. */
export async function unaffectedIndex(index: ApplicationIndex, { revision, root, trees }: NewCommit): Promise<ApplicationIndex | undefined> {
  const tree = await root;
  const isSame = async ({ unit, path, oid }: IndexedFolder): Promise<boolean> =>
    unit ? isUnchanged(unit.lookups, trees, tree) : (await findFolder(trees, tree, path)) === oid;
  const same = await Promise.all(index.folders.map(isSame));
  if (!same.every(Boolean)) return undefined;
  return new ApplicationIndex({ revision, folders: index.folders.map((folder) => (folder.unit ? { ...folder, unit: { ...folder.unit, root: tree } } : folder)) });
}
