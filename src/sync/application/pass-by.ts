import type { Application } from '#api/headway/v1/types.ts';
import { findFolder } from '../diff/tree-diff.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { detectType } from '../render/detect.ts';
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

/** A sync in flight that gives the same under the newer commit need not begin anew: under steady commits it would never end. */
export async function isSameInFlight({ inFlight, application }: ApplicationState, { repository, revision }: TrackedRevision): Promise<boolean> {
  if (inFlight === undefined || inFlight.generation !== application.metadata.generation) return false;
  const [now, then] = await Promise.all([folderAt(repository, revision, application), folderAt(repository, inFlight.revision, application)]);
  return now !== undefined && now === then && (await isPlain(repository, now, application));
}

const isSettled = ({ inFlight, refused, applied, application }: ApplicationState, index: ApplicationIndex): boolean =>
  inFlight === undefined && refused === undefined && applied === attemptOf(index, application) && !application.metadata.deletionTimestamp;

async function isUntouched({ application }: ApplicationState, { folder, unit }: ApplicationIndex, { repository, revision }: TrackedRevision): Promise<boolean> {
  const { tree } = await repository.commit(revision);
  return unit ? tree === unit.root || isUnchanged(unit.lookups, repository, tree) : folder === (await folderAt(repository, revision, application));
}

async function folderAt(repository: TrackedRevision['repository'], revision: string, application: Application): Promise<string | undefined> {
  return findFolder(repository, (await repository.commit(revision)).tree, applicationFolder(application));
}

/** The inputs of others may lie outside of their folder. */
const isPlain = async (repository: TrackedRevision['repository'], folder: string, { spec }: Application): Promise<boolean> => detectType(await repository.tree(folder), spec.render ?? {}) === 'Plain';
