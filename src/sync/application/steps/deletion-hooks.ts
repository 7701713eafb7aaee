import type { SyncError } from '#api/headway/v1/types.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import { SourceError } from '../../errors.ts';
import type { PlannedHook } from '../../hooks/hook-plan.ts';
import { inventoryEntry } from '../../inventory/identity.ts';
import { retryDelay } from '../../policy/retry-delay.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import { deletionStages } from '../../waves/stages.ts';
import type { ApplicationState } from '../application-state.ts';
import type { Deletion, DeletionPhase } from '../deletion.ts';
import { MAX_ERRORS, MAX_EVENT_LENGTH } from '../limits.ts';
import { StageRun } from '../stage-run.ts';
import { planSync } from '../sync-plan.ts';
import { targetOf } from '../target.ts';
import { HOOKS_FINALIZER, isHeldForHooks } from './finalizers.ts';
import { loadHooks } from './load-hooks.ts';
import { planRequest } from './plan-request.ts';
import { placeOf } from './refuse.ts';

/** Until a repository is looked at that has not been read yet. */
const SOURCE_LOOK_MS = 500;

/** Runs the hooks of one phase of a deletion; undefined when they have completed, or there are none. A hook that fails holds the deletion, and is tried again. */
export async function runDeletionHooks(state: ApplicationState, deletion: Deletion, phase: DeletionPhase, signal: AbortSignal): Promise<QueueResult | undefined> {
  if (!isHeldForHooks(state) || deletion.completed.has(phase)) return undefined;
  const waitMs = deletion.retryAt - state.context.clock.monotonic();
  if (waitMs > 0) return Number.isFinite(waitMs) ? { requeueAfterMs: waitMs } : {};
  if (isUnread(state)) return { requeueAfterMs: SOURCE_LOOK_MS };
  const begun = deletion.run?.phase === phase ? deletion.run : await beginHooks(state, deletion, phase, signal);
  if ('errors' in begun) return hold(state, deletion, { phase, errors: begun.errors });
  deletion.run = begun;
  const progress = await begun.stages.advance(signal);
  if (progress.type === 'waiting') {
    await state.status.update({ condition: { type: 'Synced', status: 'False', reason: 'Deleting', message: progress.message } });
    return { requeueAfterMs: progress.waitMs };
  }
  deletion.run = undefined;
  if (progress.type === 'failed') {
    deletion.record.countFailedRun();
    return hold(state, deletion, { phase, errors: progress.errors });
  }
  deletion.completed.add(phase);
  return undefined;
}

/** A process that has just begun has not read the repository yet, which says nothing of the hooks. */
function isUnread({ context, application }: ApplicationState): boolean {
  const { tracked, error } = context.source(application);
  return tracked === undefined && error === undefined;
}

interface Failure {
  readonly errors: readonly SyncError[];
}

async function beginHooks(state: ApplicationState, deletion: Deletion, phase: DeletionPhase, signal: AbortSignal): Promise<NonNullable<Deletion['run']> | Failure> {
  const loaded = await findHooks(state, deletion, signal);
  if ('errors' in loaded) return loaded;
  const hooks = loaded.hooks.filter((hook) => hook.phase === phase);
  const errors = state.context.refusals(state.application, hooks.map(({ desired: { resource, object, source } }) => ({ entry: inventoryEntry(resource, object, source.path), line: source.line })));
  if (errors.length > 0) return { errors };
  const stages = new StageRun({ state, revision: loaded.revision, record: deletion.record, stages: deletionStages(phase, hooks), failStages: [], recreated: [], unchecked: [], isGated: true });
  return { phase, stages };
}

interface LoadedHooks {
  readonly hooks: readonly PlannedHook[];
  readonly revision: string;
}

/** Those of the commit that is in force, so that a commit can mend them; or, when it has the application no more, of the last that was applied. */
async function findHooks(state: ApplicationState, deletion: Deletion, signal: AbortSignal): Promise<LoadedHooks | Failure> {
  const { application, context, status: { status } } = state;
  const { tracked, error } = context.source(application);
  if (!tracked) return { errors: [{ path: '', reason: 'SourceNotReady', message: error?.message ?? 'the repository has not been read yet' }] };
  const target = targetOf({ application, status, newest: tracked.revision })?.revision ?? tracked.revision;
  const loaded = await hooksAt(state, deletion, { ...tracked, revision: target }, signal);
  if (!('errors' in loaded) || !status.syncedRevision || status.syncedRevision === target) return loaded;
  const before = await hooksAt(state, deletion, { ...tracked, revision: status.syncedRevision }, signal);
  return 'errors' in before ? loaded : before;
}

async function hooksAt(state: ApplicationState, { record: { name, failedRuns } }: Deletion, tracked: TrackedRevision, signal: AbortSignal): Promise<LoadedHooks | Failure> {
  const { revision } = tracked;
  const request = { ...planRequest(state, tracked, undefined, signal), hasInventory: false, otherOwner: () => undefined };
  try {
    const plan = await planSync(request);
    // Each try is a run of its own: what the one before left is in its way.
    return plan.ok ? { revision, hooks: await loadHooks(plan, request, failedRuns === 0 ? name : `${name}-${failedRuns}`) } : { errors: plan.errors };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { errors: [{ path: '', reason: error.data.reason, message: error.message }] };
  }
}

/** The deletion waits for another try, a commit that mends the hook, or somebody who says that the hooks shall not run. */
async function hold(state: ApplicationState, deletion: Deletion, { phase, errors }: Failure & { readonly phase: DeletionPhase }): Promise<QueueResult> {
  const { context, application, status } = state;
  deletion.failures++;
  const retryMs = retryDelay(application.spec.syncPolicy?.retry ?? {}, deletion.failures);
  deletion.retryAt = context.clock.monotonic() + (retryMs ?? Number.POSITIVE_INFINITY);
  const reason = `${phase}Failed`;
  const message = `${errors.map(placeOf).join('; ')}; nothing more is deleted until the hook completes, or finalizer ${HOOKS_FINALIZER} is taken off`;
  state.log.warn('the hooks of a deletion failed', { phase, errors });
  context.events.event(application, { type: 'Warning', reason, action: 'Delete', message: message.slice(0, MAX_EVENT_LENGTH) });
  await status.update({ errors: errors.slice(0, MAX_ERRORS), condition: { type: 'Synced', status: 'False', reason, message } });
  await state.records.flush(deletion.record);
  return retryMs === undefined ? {} : { requeueAfterMs: retryMs };
}
