import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { ApplicationState } from '../application-state.ts';
import { attemptOf } from '../attempt.ts';
import type { Due } from '../due.ts';
import { planSync } from '../sync-plan.ts';
import { isApplied, isUnfinished, leavesDrift } from './begin.ts';
import { planRequest } from './plan-request.ts';
import { isReportOnly } from './report-drift.ts';

/** After a restart on a commit that is bad, or must wait, the last good one is what drift is healed against. */
export async function restoreIndex(state: ApplicationState, { repository, ignore }: TrackedRevision, signal: AbortSignal): Promise<ApplicationIndex | undefined> {
  const { context, log } = state;
  const revision = state.status.status.syncedRevision;
  // Asked for first: to read what history has lost would be taken for damage.
  if (state.index || !revision || !(await repository.hasCommit(revision))) return state.index;
  const plan = await planSync(planRequest(state, { repository, revision, ignore }, undefined, signal)).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('the last good commit cannot be read', { revision, error });
  });
  if (!plan?.ok) return undefined;
  const { errors } = await context.applier.apply(leavesDrift(state) ? [] : plan.changed, { client: context.clientFor(state.application), revision, log, signal });
  if (errors.length > 0) log.warn('the last good commit is no longer accepted', { revision, errors });
  state.index = plan.index;
  for (const identity of plan.index.objects.keys()) state.health.mark(identity);
  return plan.index;
}

/**
 * After a restart on a newer commit than the one that is applied, where drift is left alone: only what the commit changes is written, as without the restart.
 * A plan from nothing would undo the drift. Nothing is done where the last sync did not end well, or had other rules of what counts as a manifest.
 */
export async function resumeIndex(state: ApplicationState, { tracked, isManual }: Due, signal: AbortSignal): Promise<void> {
  const { application, inventory } = state;
  const synced = state.status.status.syncedRevision;
  if (state.index || isManual || !leavesDrift(state) || isUnfinished(state) || synced === undefined || synced === tracked.revision || !isApplied(state, synced)) return;
  const index = await restoreIndex(state, tracked, signal);
  const identities = [...(index?.objects.keys() ?? [])];
  if (!index || !identities.every((identity) => inventory.has(identity))) return;
  state.applied = attemptOf({ ...tracked, revision: synced }, application);
  if (isReportOnly(state)) for (const identity of identities) state.drifted.set(identity, undefined);
}
