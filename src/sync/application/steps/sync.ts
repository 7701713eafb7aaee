import type { ApplicationStatus } from '#api/headway/v1/types.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { ApplicationState } from '../application-state.ts';
import type { Due } from '../due.ts';
import { passGates } from '../gate.ts';
import { HAND_OVER_LOOK_MS, mayBeFreed, mayBeTaken, takeBack } from '../hand-over.ts';
import type { GoodPlan } from '../plan.ts';
import { appliedIndex, leavesAlone, refusedFor } from '../newer-commit.ts';
import type { SyncRun } from '../sync-run.ts';
import { begin, isApplied } from './begin.ts';
import { holdForObjects } from './finalizers.ts';
import { finish, inventoryOf } from './finish.ts';
import { doomedBy, keepLeftovers, leftoversOf } from './leftovers.ts';
import { refuse } from './refuse.ts';
import { isReportOnly } from './report-drift.ts';
import { restoreIndex, resumeIndex } from './restore-index.ts';
import { AWAITING_KINDS, OUT_OF_SYNC } from '../../policy/readiness.ts';
import { succeed, tellApplied } from './succeed.ts';

/** Begins the sync that is due, or goes on with the one under way, after which another job follows to what is due by then. */
export async function syncIfDue(state: ApplicationState, due: Due, signal: AbortSignal): Promise<QueueResult> {
  if (state.run && !(await leavesAlone(state, due))) endRun(state);
  const { run } = state;
  if (!run) return (await isInForce(state, due, signal)) ? {} : startInTime(state, due, signal);
  const result = await advance(state, run, signal);
  if (!state.run && run.due.key !== due.key) state.context.enqueue(state.key);
  return result;
}

/** Whether what is applied is what is due, too; the status then says so. */
async function isInForce(state: ApplicationState, due: Due, signal: AbortSignal): Promise<boolean> {
  const index = await appliedIndex(state, due);
  if (!index) return false;
  state.index = index;
  state.applied = due.attempt;
  const { leftovers } = state;
  const left = await keepLeftovers(state, leftovers, { revision: index.revision, signal });
  if (left.length < leftovers.length) state.inventory = inventoryOf(index, left);
  // After a refusal the repository may have gone back to what is applied.
  await (isGood(state.status.status) && left.length === leftovers.length ? tellApplied(state, index) : succeed(state, index, due));
  return true;
}

/** What was refused waits for its time, under a newer commit too that leaves it as it was. */
async function startInTime(state: ApplicationState, due: Due, signal: AbortSignal): Promise<QueueResult> {
  const { context, status } = state;
  const refused = await refusedFor(state, due);
  if (refused && refused !== state.refused) await status.update({ attemptedRevision: due.tracked.revision });
  state.refused = refused;
  const waitMs = refused && !due.isManual ? refused.until - context.clock.monotonic() : 0;
  if (waitMs > 0) return Number.isFinite(waitMs) ? { requeueAfterMs: waitMs } : {};
  state.planning = due;
  try {
    return await start(state, due, signal);
  } finally {
    state.planning = undefined;
  }
}

/** The sync under way is not gone on with. */
export function endRun(state: ApplicationState): void {
  const { run, records, application } = state;
  if (!run) return;
  state.run = undefined;
  state.isUncertain ||= run.hasWritten;
  takeBack(state, run);
  records.close(run.record, { phase: 'Superseded' }, application);
}

export const reportUnsynced = ({ status }: ApplicationState, reason: string, message: string): Promise<void> =>
  status.update({ condition: { type: 'Synced', status: 'False', reason, message } });

/** Gate, plan, check: each may end the sync before anything is applied. */
async function start(state: ApplicationState, due: Due, signal: AbortSignal): Promise<QueueResult> {
  const { tracked, isManual } = due;
  // After a restart, what is applied is only looked at again.
  const gates = isApplied(state, tracked.revision) && !isManual ? [] : state.context.gates;
  const verdict = await passGates(gates, { application: state.application, tracked, isManual }, signal);
  if (verdict.type !== 'go') {
    await reportUnsynced(state, verdict.reason, verdict.message);
    await restoreIndex(state, tracked, signal);
    return verdict.type === 'wait' ? { requeueAfterMs: verdict.waitMs } : {};
  }
  await holdForObjects(state, signal);
  await resumeIndex(state, due, signal);
  const beginning = await begin(state, due, signal);
  switch (beginning.type) {
    case 'refused': return mayBeFreed(state, due.key, beginning.errors) ? { requeueAfterMs: HAND_OVER_LOOK_MS } : refuse(state, { due, ...beginning }, signal);
    case 'idle': return rest(state, beginning.plan, { due, signal });
    case 'begun': {
      state.run = beginning.run;
      return advance(state, beginning.run, signal);
    }
  }
}

/** There is nothing to write: what is there is as the commit says. */
async function rest(state: ApplicationState, { index }: GoodPlan, { due, signal }: { readonly due: Due; readonly signal: AbortSignal }): Promise<QueueResult> {
  state.index = index;
  state.inventory = inventoryOf(index, await keepLeftovers(state, leftoversOf(state, { index }), { revision: index.revision, signal }));
  for (const identity of index.objects.keys()) state.health.mark(identity);
  if (isReportOnly(state)) for (const identity of index.objects.keys()) state.drifted.set(identity, undefined);
  await succeed(state, index, due);
  return {};
}

/** The waves, then the deletions. */
async function advance(state: ApplicationState, run: SyncRun, signal: AbortSignal): Promise<QueueResult> {
  const { due } = run;
  const progress = await run.advance(signal);
  if (progress.type === 'waiting') {
    const { revision } = due.tracked;
    // The one before that was refused does not progress by it.
    await state.status.update({ attemptedRevision: revision, condition: { type: 'Synced', status: 'False', reason: 'Progressing', message: `${revision.slice(0, 12)}: ${progress.message}` } });
    return { requeueAfterMs: progress.waitMs };
  }
  if (progress.type === 'failed') {
    state.run = undefined;
    takeBack(state, run);
    return refuse(state, { due, errors: progress.errors, index: run.plan.index, run }, signal);
  }
  if (doomedBy(state, run.plan).length > 0 && mayBeTaken(state, run.endedAt)) return { requeueAfterMs: HAND_OVER_LOOK_MS };
  await finish(state, run, signal);
  state.context.faults.reach('pruned');
  await succeed(state, run.plan.index, due);
  state.run = undefined;
  state.context.faults.reach('record');
  state.records.close(run.record, { phase: 'Succeeded' }, state.application);
  state.log.info('application synced', { revision: due.tracked.revision, objects: run.plan.changed.length });
  return {};
}

const APPLIED_REASONS: ReadonlySet<string> = new Set(['Drifted', OUT_OF_SYNC, AWAITING_KINDS]);

/** Whether the status says that all is applied; or what is not as it shall be though the commit is. */
const isGood = ({ conditions }: ApplicationStatus): boolean =>
  conditions?.some(({ type, status, reason }) => type === 'Synced' && (status === 'True' || APPLIED_REASONS.has(reason))) === true;
