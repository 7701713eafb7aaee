import type { QueueResult } from '#queue/work-queue.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationState } from '../application-state.ts';
import { healDrift } from '../healing.ts';
import { planRequest } from './plan-request.ts';
import { syncedMessage } from './succeed.ts';

/** Puts back what drifted since, against what is applied. */
export async function heal(state: ApplicationState, tracked: TrackedRevision, index: ApplicationIndex, signal: AbortSignal): Promise<QueueResult> {
  const { drifted, application } = state;
  state.drifted = new Map();
  const outcome = await healDrift({
    context: state.context, application, label: state.label, index, drifted, log: state.log,
    request: planRequest(state, tracked, index, signal), isReportOnly: application.spec.syncPolicy?.selfHeal === 'Report', signal,
  }).catch((error: unknown) => {
    state.drifted = new Map([...drifted, ...state.drifted]);
    throw error;
  });
  state.drifted = new Map([...outcome.remaining, ...state.drifted]);
  // A refused commit is the greater trouble: its condition stays until a good one comes.
  if (outcome.condition && !state.refused) await state.status.update({ condition: outcome.condition });
  else if (isDriftReported(state)) await state.status.update({ condition: { type: 'Synced', status: 'True', reason: 'Synced', message: syncedMessage(index) } });
  return outcome.retryAfterMs === undefined ? {} : { requeueAfterMs: outcome.retryAfterMs };
}

const isDriftReported = ({ status }: ApplicationState): boolean => status.status.conditions?.some((c) => c.type === 'Synced' && c.reason === 'Drifted') ?? false;
