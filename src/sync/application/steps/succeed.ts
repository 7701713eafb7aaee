import { SYNC_REQUEST_ANNOTATION } from '#api/headway/v1/types.ts';
import { amount } from '#base/amount.ts';
import { formatTime } from '#base/clock.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { ApplicationState } from '../application-state.ts';

/** The commit is applied in full. */
export async function succeed(state: ApplicationState, index: ApplicationIndex, attempt: string): Promise<void> {
  const { revision } = index;
  state.applied = attempt;
  state.refused = undefined;
  state.isUncertain = false;
  const left = [...state.inventory].filter(([identity]) => !index.objects.has(identity)).map(([, entry]) => entry);
  await state.status.update({
    observedGeneration: state.application.metadata.generation, syncedRevision: revision, attemptedRevision: revision, ...handledRequest(state),
    lastSyncTime: formatTime(state.context.clock.now()), inventory: [...index.inventory(), ...left], errors: [],
    condition: { type: 'Synced', status: 'True', reason: 'Synced', message: syncedMessage(index) },
  });
  state.health.schedule();
}

/** The commit changes nothing of what is applied, so that no sync was needed. Drift that is reported stays so. */
export async function tellApplied({ status }: ApplicationState, index: ApplicationIndex): Promise<void> {
  const isDrifted = status.status.conditions?.some(({ type, reason }) => type === 'Synced' && reason === 'Drifted') === true;
  const { revision } = index;
  await status.update({ syncedRevision: revision, attemptedRevision: revision, ...(isDrifted ? {} : { condition: { type: 'Synced', status: 'True', reason: 'Synced', message: syncedMessage(index) } }) });
}

/** A request is acted on once, however it ended. */
export function handledRequest({ application }: ApplicationState): { readonly handledRequest?: string } {
  const request = application.metadata.annotations?.[SYNC_REQUEST_ANNOTATION];
  return request ? { handledRequest: request } : {};
}

export const syncedMessage = ({ revision, objects }: ApplicationIndex): string => `${revision.slice(0, 12)} is applied: ${amount(objects.size, 'object')}`;
