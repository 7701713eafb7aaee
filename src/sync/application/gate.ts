import type { Application } from '#api/headway/v1/types.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';

/** Asked before a sync writes anything; healing and the deletion of an Application are not. */
export interface GateQuestion {
  readonly application: Application;
  /** What would be synced. */
  readonly tracked: TrackedRevision;
  /** A person asked for this sync. */
  readonly isManual: boolean;
}

/** `wait` asks again after a time; `blocked` when something changes, which whoever blocks must tell by adding the application's key. */
export type GateVerdict =
  | { readonly type: 'go' }
  | { readonly type: 'wait'; readonly waitMs: number; readonly reason: string; readonly message: string }
  | { readonly type: 'blocked'; readonly reason: string; readonly message: string };

/** One rule on when a sync may start: windows, dependencies, the project. Writes nothing. */
export type Gate = (question: GateQuestion, signal: AbortSignal) => GateVerdict | Promise<GateVerdict>;

const GO: GateVerdict = { type: 'go' };

/** The first gate that is closed decides. */
export async function passGates(gates: readonly Gate[], question: GateQuestion, signal: AbortSignal): Promise<GateVerdict> {
  for (const gate of gates) {
    const verdict = await gate(question, signal);
    if (verdict.type !== 'go') return verdict;
  }
  return GO;
}
