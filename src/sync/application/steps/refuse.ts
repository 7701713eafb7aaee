import { isDeepStrictEqual } from 'node:util';
import type { SyncError, SyncTrigger } from '#api/headway/v1/types.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import { retryDelay } from '../../policy/retry-delay.ts';
import type { ApplicationState } from '../application-state.ts';
import type { Due } from '../due.ts';
import { isContested, offer } from '../hand-over.ts';
import { MAX_ERRORS, MAX_EVENT_LENGTH } from '../limits.ts';
import type { SyncRun } from '../sync-run.ts';
import { leftoversOf } from './leftovers.ts';
import { restoreIndex } from './restore-index.ts';
import { handledRequest } from './succeed.ts';

export interface RefusedAttempt {
  readonly due: Due;
  readonly errors: readonly SyncError[];
  /** What the commit holds, as far as it could be read. */
  readonly index: ApplicationIndex;
  /** Of an attempt that was refused before anything was applied. */
  readonly trigger?: SyncTrigger;
  /** The sync that failed. */
  readonly run?: SyncRun;
  /** Not tried again by itself. */
  readonly isHeld?: boolean;
}

/** The last good state stays; the status, an Event and the record say where the commit is wrong. */
export async function refuse(state: ApplicationState, { due, errors, index, trigger, run, isHeld = false }: RefusedAttempt, signal: AbortSignal): Promise<QueueResult> {
  const { tracked: { revision }, attempt } = due;
  const [first] = errors;
  const message = errors.map(placeOf).join('; ');
  const before = state.refused?.attempt === attempt ? state.refused : undefined;
  const failures = (before?.failures ?? 0) + 1;
  const retryMs = isHeld ? undefined : retryDelay(state.application.spec.syncPolicy?.retry ?? {}, failures);
  // The word for which it is held names its own commit.
  state.refused = { attempt, index: isHeld ? undefined : index, until: state.context.clock.monotonic() + (retryMs ?? Number.POSITIVE_INFINITY), failures, errors };
  state.isUncertain ||= run?.hasWritten === true;
  state.log.warn('commit refused', { revision, errors });
  state.context.events.event(state.application, { type: 'Warning', reason: first?.reason ?? 'SyncFailed', action: 'Sync', message: `${revision.slice(0, 12)}: ${message}`.slice(0, MAX_EVENT_LENGTH) });
  await state.status.update({
    observedGeneration: due.generation, attemptedRevision: revision, errors: errors.slice(0, MAX_ERRORS), ...handledRequest(due),
    condition: { type: 'Synced', status: 'False', reason: first?.reason ?? 'SyncFailed', message },
  });
  if (run) state.records.close(run.record, { phase: 'Failed', message, errors }, state.application);
  // A try that ends as the one before has nothing new to tell.
  else if (trigger && !isDeepStrictEqual(before?.errors, errors)) state.records.tell(state.application, { revision, trigger }, { phase: 'Refused', message, errors });
  // Two applications that exchange objects would wait for one another.
  if (isContested(errors)) offer(state, leftoversOf(state, { index }));
  await restoreIndex(state, due.tracked, signal);
  return retryMs === undefined ? {} : { requeueAfterMs: retryMs };
}

/** `apps/web.yaml:3: Deployment default/web: why`. */
export const placeOf = ({ path, line, object, message }: SyncError): string =>
  `${path === '' ? '' : `${path}${line === undefined ? '' : `:${line}`}: `}${object ? `${object}: ` : ''}${message}`;
