import { formatTime } from '#base/clock.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { ApplicationState } from '../application-state.ts';

/** The commit is applied in full. */
export async function succeed(state: ApplicationState, index: ApplicationIndex, attempt: string): Promise<void> {
  const { revision } = index;
  state.applied = attempt;
  state.refused = undefined;
  await state.status.update({
    observedGeneration: state.application.metadata.generation, syncedRevision: revision, attemptedRevision: revision,
    lastSyncTime: formatTime(state.context.clock.now()), inventory: index.inventory(), errors: [],
    condition: { type: 'Synced', status: 'True', reason: 'Synced', message: syncedMessage(index) },
  });
  state.health.schedule();
}

export const syncedMessage = ({ revision, objects }: ApplicationIndex): string => `${revision.slice(0, 12)} is applied: ${objects.size} objects`;
