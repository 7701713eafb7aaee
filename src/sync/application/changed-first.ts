import type { FolderChanges } from '../diff/folder-changes.ts';
import { applicationFolders } from './application-names.ts';
import type { ApplicationSync } from './application-sync.ts';

type Told = Pick<ApplicationSync, 'application'>;

/**
 * In which order a commit is told to applications: those first that have something changed in a folder, as thousands of others take longer to look
 * at than what has changed takes to be applied. All are told, as units have inputs elsewhere.
 */
export function changedFirst<T extends Told>(syncs: readonly T[], changes: FolderChanges | undefined): readonly T[] {
  if (!changes) return syncs;
  const { changed = [], others = [] } = Object.groupBy(syncs, ({ application }) => (applicationFolders(application).some((folder) => changes.folders.has(folder)) ? 'changed' : 'others'));
  return [...changed, ...others];
}
