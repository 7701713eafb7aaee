import type { Status } from '#api/generated/meta/v1.ts';
import { seatRefused, StatusError, unserved } from '#api/status-error.ts';

/** The Status in an answer that is a failure; one of its own for an answer without: paths that a server does not have, and that it is too busy, are told in plain text. */
export function answeredStatus(code: number, body: unknown): Status {
  const status = body as Status | undefined;
  if (status?.kind === 'Status') return { ...status, code: status.code ?? code };
  if (code === 429) return seatRefused(1).data.status;
  return (code === 404 ? unserved() : new StatusError('InternalError', `the server answered ${code} with no Status`, { code })).data.status;
}
