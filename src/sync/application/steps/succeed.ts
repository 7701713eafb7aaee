import { PINNED_ANNOTATION } from '#api/headway/v1/types.ts';
import { amount } from '#base/amount.ts';
import { formatTime } from '#base/clock.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import { describe } from '../../inventory/identity.ts';
import { AWAITING_KINDS, OUT_OF_SYNC } from '../../policy/readiness.ts';
import type { ApplicationState } from '../application-state.ts';
import type { Due } from '../due.ts';
import { driftCondition } from '../healing.ts';
import type { ConditionUpdate } from '../status-writer.ts';

/** The commit is applied in full. */
export async function succeed(state: ApplicationState, index: ApplicationIndex, due: Due): Promise<void> {
  const { revision } = index;
  state.applied = due.attempt;
  state.refused = undefined;
  state.isUncertain = false;
  await state.status.update({
    observedGeneration: due.generation, syncedRevision: revision, attemptedRevision: revision, ...handledRequest(due),
    lastSyncTime: formatTime(state.context.clock.now()), inventory: [...index.inventory(), ...state.leftovers.map(([, entry]) => entry)], errors: [],
    condition: syncedCondition(state, index),
  });
  state.health.schedule();
  // What it waits for may have come while it was under way.
  if (isAnyServed(state, index)) {
    state.applied = '';
    state.context.enqueue(state.key);
  }
}

/** Whether a kind is served for which objects have been left out. */
export const isAnyServed = ({ context }: Pick<ApplicationState, 'context'>, index: ApplicationIndex): boolean => index.awaited.some(({ apiVersion, kind }) => context.scheme.byKind(apiVersion, kind));

/** The commit changes nothing of what is applied, so that no sync was needed. Drift that is reported stays so. */
export async function tellApplied(state: ApplicationState, index: ApplicationIndex): Promise<void> {
  const { status } = state;
  const isDrifted = status.status.conditions?.some(({ type, reason }) => type === 'Synced' && reason === 'Drifted') === true;
  const { revision } = index;
  await status.update({ syncedRevision: revision, attemptedRevision: revision, ...(isDrifted ? {} : { condition: syncedCondition(state, index) }) });
}

/** A request is acted on once, however it ended; one that came while something else was under way is still to be. */
export const handledRequest = ({ request }: Pick<Due, 'request'>): { readonly handledRequest?: string } => (request === undefined ? {} : { handledRequest: request });

/** Of an application that is applied in full; who reads it must not take a pinned commit for the newest, nor take for gone what is only out of Git. */
export function syncedCondition({ application: { spec, metadata }, leftovers, reported }: Pick<ApplicationState, 'application' | 'leftovers' | 'reported'>, { revision, objects, awaited }: ApplicationIndex): ConditionUpdate {
  const drifted = reported.present;
  if (drifted.size > 0) return driftCondition('self-healing is off', drifted);
  const message = `${revision.slice(0, 12)} is applied: ${amount(objects.size, 'object')}`;
  const left = leftovers.map(([, entry]) => `${describe(entry.kind, entry)} (${entry.path})`).join(', ');
  const why = [
    ...(left === '' ? [] : [`to be pruned${spec.syncPolicy?.prune === false ? ', but spec.syncPolicy.prune is false' : ''}: ${left}`]),
    ...(awaited.length === 0 ? [] : [`waiting until their kind is served: ${awaited.map(({ place }) => place).join(', ')}`]),
  ];
  if (why.length > 0) return { type: 'Synced', status: 'False', reason: awaited.length > 0 ? AWAITING_KINDS : OUT_OF_SYNC, message: [message, ...why].join('; ') };
  if (!spec.pinnedRevision) return { type: 'Synced', status: 'True', reason: 'Synced', message };
  return { type: 'Synced', status: 'True', reason: 'Pinned', message: `${message}; newer commits are not followed: ${metadata.annotations?.[PINNED_ANNOTATION] || 'spec.pinnedRevision is set'}` };
}
