import { StatusError } from '#api/status-error.ts';
import type { WriteContext } from '../../call.ts';
import type { Environment } from '../../environment.ts';
import { requestTimeoutOf } from '../../requests/request-timeout.ts';

/** Milliseconds until the client waits no longer, which it says by `?timeout=`; infinite when it does not. */
export function timeLeft(env: Pick<Environment, 'clock'>, { startedAt, query }: Pick<WriteContext, 'startedAt' | 'query'>): number {
  const timeoutMs = requestTimeoutOf(query?.['timeout']);
  return startedAt === undefined || timeoutMs === undefined ? Infinity : startedAt + timeoutMs - env.clock.monotonic();
}

/** Timers may fire so much early. */
const TIMER_MS = 1;

/** @throws StatusError Timeout when the client waits no longer */
export function requireTime(env: Pick<Environment, 'clock'>, context: Pick<WriteContext, 'startedAt' | 'query'>): void {
  if (timeLeft(env, context) <= TIMER_MS) throw new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
}
