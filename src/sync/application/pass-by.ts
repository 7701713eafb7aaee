import { findFolder } from '../diff/tree-diff.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { applicationFolder } from './application-names.ts';
import type { ApplicationState } from './application-state.ts';
import { attemptOf } from './attempt.ts';

/**
 * A commit that leaves the inputs of an application alone changes what it is synced to, and nothing else: no job, no write at once. Most
 * applications of a repository pass most commits by. False when there is something to do.
 */
export async function passBy(state: ApplicationState, tracked: TrackedRevision): Promise<boolean> {
  const { index } = state;
  if (index === undefined || !isSettled(state, index) || !(await isUntouched(state, index, tracked))) return false;
  // Something may have begun in the meantime.
  if (state.index !== index || !isSettled(state, index)) return false;
  state.index = index.at(tracked.revision);
  state.applied = attemptOf(tracked, state.application);
  state.context.followers.follow(state);
  return true;
}

const isSettled = ({ isRunning, refused, applied, application }: ApplicationState, index: ApplicationIndex): boolean =>
  !isRunning && refused === undefined && applied === attemptOf(index, application) && !application.metadata.deletionTimestamp;

async function isUntouched({ application }: ApplicationState, { folder, unit }: ApplicationIndex, { repository, revision }: TrackedRevision): Promise<boolean> {
  const { tree } = await repository.commit(revision);
  if (unit) return tree === unit.root || isUnchanged(unit.lookups, repository, tree);
  return folder === (await findFolder(repository, tree, applicationFolder(application)));
}
