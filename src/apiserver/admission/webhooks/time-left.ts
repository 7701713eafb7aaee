import { StatusError } from '#api/status-error.ts';
import type { WriteContext } from '../../call.ts';
import type { Environment } from '../../environment.ts';
import { requestTimeoutOf } from '../../requests/request-timeout.ts';

/** Milliseconds until the client waits no longer, which it says by `?timeout=`; infinite when it does not. */
export function timeLeft(env: Pick<Environment, 'clock'>, { startedAt, query }: Pick<WriteContext, 'startedAt' | 'query'>): number {
  const timeoutMs = requestTimeoutOf(query?.['timeout']);
  return startedAt === undefined || timeoutMs === undefined ? Infinity : startedAt + timeoutMs - env.clock.monotonic();
}

export const overdue = (): StatusError => new StatusError('Timeout', 'Timeout: request did not complete within requested timeout', { details: {} });
