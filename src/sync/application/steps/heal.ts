import type { QueueResult } from '#queue/work-queue.ts';
import type { Identity } from '../../inventory/identity.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationState } from '../application-state.ts';
import { healDrift } from '../healing.ts';
import { planRequest } from './plan-request.ts';
import { isReportOnly, reportDrift } from './report-drift.ts';
import { syncedCondition } from './succeed.ts';

/** Puts back what drifted since, against what is applied; what a sync under way is about to change is left to it. */
export async function heal(state: ApplicationState, tracked: TrackedRevision, index: ApplicationIndex, signal: AbortSignal): Promise<QueueResult> {
  const { application, run } = state;
  const [later, due] = partition(state.drifted, (identity) => run?.touches(identity) === true);
  if (due.size === 0) return {};
  const putBack = (error: unknown): never => {
    state.drifted = new Map([...due, ...state.drifted]);
    throw error;
  };
  state.drifted = later;
  if (isReportOnly(state)) {
    await reportDrift(state, { tracked, index, identities: [...due.keys()] }, signal).catch(putBack);
    return {};
  }
  const outcome = await healDrift({
    context: state.context, application, label: state.label, index, drifted: due, log: state.log,
    request: planRequest(state, tracked, index, signal), signal,
  }).catch(putBack);
  state.drifted = new Map([...outcome.remaining, ...state.drifted]);
  state.heals.add({ revision: index.revision, healed: outcome.healed, errors: outcome.errors, drifted: due });
  // A refused commit is the greater trouble: its condition stays until a good one comes.
  if (outcome.condition && !state.refused && !run) await state.status.update({ condition: outcome.condition });
  else if (outcome.remaining.size === 0 && isDriftReported(state)) await state.status.update({ condition: syncedCondition(state, index) });
  return outcome.retryAfterMs === undefined ? {} : { requeueAfterMs: outcome.retryAfterMs };
}

function partition<V>(map: ReadonlyMap<Identity, V>, isFirst: (identity: Identity) => boolean): readonly [Map<Identity, V>, Map<Identity, V>] {
  const entries = [...map];
  return [new Map(entries.filter(([identity]) => isFirst(identity))), new Map(entries.filter(([identity]) => !isFirst(identity)))];
}

const isDriftReported = ({ status }: ApplicationState): boolean => status.status.conditions?.some((c) => c.type === 'Synced' && c.reason === 'Drifted') ?? false;
