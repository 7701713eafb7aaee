import type { SyncError } from '#api/headway/v1/types.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import { SERVICE_ACCOUNT_MISSING } from '../../apply/refusals.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationState } from '../application-state.ts';
import { MAX_ERRORS, MAX_EVENT_LENGTH } from '../limits.ts';
import { restoreIndex } from './restore-index.ts';

/** A refused commit is tried again: what it lacked (a namespace, a right) may come from elsewhere. */
const REFUSED_RETRY_MS = 30_000;
/** A new namespace gets its service account within milliseconds. */
const SERVICE_ACCOUNT_RETRY_MS = 250;

export interface RefusedAttempt {
  readonly tracked: TrackedRevision;
  readonly attempt: string;
  readonly errors: readonly SyncError[];
}

/** The last good state stays; the status and an Event say where the commit is wrong. */
export async function refuse(state: ApplicationState, { tracked, attempt, errors }: RefusedAttempt, signal: AbortSignal): Promise<QueueResult> {
  const { revision } = tracked;
  const [first] = errors;
  const message = errors.map(placeOf).join('; ');
  const retryMs = errors.every(({ reason }) => reason === SERVICE_ACCOUNT_MISSING) ? SERVICE_ACCOUNT_RETRY_MS : REFUSED_RETRY_MS;
  state.refused = { attempt, until: state.context.clock.monotonic() + retryMs };
  state.log.warn('commit refused', { revision, errors });
  state.context.events.event(state.application, { type: 'Warning', reason: first?.reason ?? 'SyncFailed', action: 'Sync', message: `${revision.slice(0, 12)}: ${message}`.slice(0, MAX_EVENT_LENGTH) });
  await state.status.update({
    observedGeneration: state.application.metadata.generation, attemptedRevision: revision, errors: errors.slice(0, MAX_ERRORS),
    condition: { type: 'Synced', status: 'False', reason: first?.reason ?? 'SyncFailed', message },
  });
  await restoreIndex(state, tracked, signal);
  return { requeueAfterMs: retryMs };
}

const placeOf = ({ path, line, object, message }: SyncError): string => `${path}${line === undefined ? '' : `:${line}`}: ${object ? `${object}: ` : ''}${message}`;
