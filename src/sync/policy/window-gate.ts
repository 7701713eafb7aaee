import type { Clock } from '#base/clock.ts';
import type { Gate, GateVerdict } from '../application/gate.ts';
import { closedMessage, decideWindows } from './windows.ts';

const GO: GateVerdict = { type: 'go' };
/** The clock may be set meanwhile: windows are looked at again at least this often. */
const MAX_WAIT_MS = 3_600_000;

export const windowGate = (clock: Pick<Clock, 'now'>): Gate => ({ application, isManual }) => {
  const windows = application.spec.syncPolicy?.windows ?? [];
  if (windows.length === 0) return GO;
  const now = clock.now();
  const decision = decideWindows(windows, now, isManual);
  if (decision.isOpen) return GO;
  const why = { reason: 'SyncWindowClosed', message: closedMessage(decision) };
  return decision.opensAt === undefined ? { type: 'blocked', ...why } : { type: 'wait', waitMs: Math.min(decision.opensAt - now, MAX_WAIT_MS), ...why };
};
