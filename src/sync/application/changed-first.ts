import { diffTrees } from '../diff/tree-diff.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { applicationFolders } from './application-names.ts';
import type { ApplicationSync } from './application-sync.ts';

type Told = Pick<ApplicationSync, 'application'>;

/**
 * In which order a commit is told to applications: those first that have something changed in a folder, as thousands of others take longer to look
 * at than what has changed takes to be applied. All are told, as units have inputs elsewhere.
 */
export async function changedFirst<T extends Told>(syncs: readonly T[], before: TrackedRevision | undefined, now: TrackedRevision): Promise<readonly T[]> {
  const folders = await changedFolders(before, now).catch(unreadable);
  if (folders.size === 0) return syncs;
  const { changed = [], others = [] } = Object.groupBy(syncs, ({ application }) => (applicationFolders(application).some((folder) => folders.has(folder)) ? 'changed' : 'others'));
  return [...changed, ...others];
}

/** Those that hold a file that differs, up to the root. */
async function changedFolders(before: TrackedRevision | undefined, { repository, revision }: TrackedRevision): Promise<ReadonlySet<string>> {
  if (before === undefined || before.revision === revision) return new Set();
  const [old, now] = await Promise.all([before.revision, revision].map((id) => repository.commit(id)));
  const changes = await diffTrees(repository, old?.tree, now?.tree);
  return new Set(changes.flatMap(({ path }) => foldersOf(path)));
}

const foldersOf = (path: string): readonly string[] => ['', ...path.split('/').slice(0, -1).map((_, i, names) => names.slice(0, i + 1).join('/'))];

/** After a force push the old commit may be gone. */
const unreadable = (): ReadonlySet<string> => new Set();
