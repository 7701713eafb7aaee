import { findFolder } from '../diff/tree-diff.ts';
import { ApplicationIndex, type IndexedFolder } from '../inventory/application-index.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';

/** What is applied, as of another commit that changes none of it; undefined when it changes something. Costs some lookups in cached trees. */
export async function unaffectedIndex(index: ApplicationIndex, { repository, revision }: TrackedRevision): Promise<ApplicationIndex | undefined> {
  const { tree } = await repository.commit(revision);
  const isSame = async ({ unit, path, oid }: IndexedFolder): Promise<boolean> =>
    unit ? isUnchanged(unit.lookups, repository, tree) : (await findFolder(repository, tree, path)) === oid;
  const same = await Promise.all(index.folders.map(isSame));
  if (!same.every(Boolean)) return undefined;
  return new ApplicationIndex({ revision, folders: index.folders.map((folder) => (folder.unit ? { ...folder, unit: { ...folder.unit, root: tree } } : folder)) });
}
