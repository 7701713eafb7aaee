import { findFolder } from '../diff/tree-diff.ts';
import type { ApplicationIndex, IndexedFolder } from '../inventory/application-index.ts';
import { detectType } from '../render/detect.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import type { PlanRequest } from './plan.ts';

/** What is applied, as of another commit that changes none of it; undefined when it changes something. Costs some lookups in cached trees, or none for plain folders when the difference is known. */
export async function unaffectedIndex(index: ApplicationIndex, { repository, revision, since }: Pick<TrackedRevision, 'repository' | 'revision' | 'since'>): Promise<ApplicationIndex | undefined> {
  const { tree } = await repository.commit(revision);
  if (since?.from === index.revision && index.folders.every(({ unit, path }) => !unit && !since.folders.has(path))) return index.at(revision, tree);
  const isSame = async ({ unit, path, oid }: IndexedFolder): Promise<boolean> =>
    unit ? isUnchanged(unit.lookups, repository, tree) : (await findFolder(repository, tree, path)) === oid;
  const same = await Promise.all(index.folders.map(isSame));
  return same.every(Boolean) ? index.at(revision, tree) : undefined;
}

/** The same question before anything is planned; of a unit the inputs are not known then, and it counts as changed. */
export async function hasSamePlainFolders({ paths, render }: Pick<PlanRequest, 'paths' | 'render'>, before: TrackedRevision, { repository, revision }: TrackedRevision): Promise<boolean> {
  const [old, now] = await Promise.all([before.repository.commit(before.revision), repository.commit(revision)]);
  const isSame = async (path: string): Promise<boolean> => {
    const [was, is] = await Promise.all([findFolder(before.repository, old.tree, path), findFolder(repository, now.tree, path)]);
    return is !== undefined && was === is && detectType(await repository.tree(is), render) === 'Plain';
  };
  return (await Promise.all(paths.map(isSame))).every(Boolean);
}
