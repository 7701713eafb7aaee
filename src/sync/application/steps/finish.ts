import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { PrunedObject } from '../../apply/applier.ts';
import type { ApplicationIndex, Inventory } from '../../inventory/application-index.ts';
import { prunedRecord } from '../../record/synced-object.ts';
import type { ApplicationState, Leftover } from '../application-state.ts';
import { keptFor, taken } from '../hand-over.ts';
import type { SyncRun } from '../sync-run.ts';
import { doomedBy, keepLeftovers, leftoversOf, marked } from './leftovers.ts';

/** After all waves: deletes what Git no longer names. From here on the commit is what drift is judged by. */
export async function finish(state: ApplicationState, run: SyncRun, signal: AbortSignal): Promise<void> {
  const { plan, record } = run;
  const others = taken(state, leftoversOf(state, plan));
  const theirs = new Set(others.map(({ object: [identity] }) => identity));
  const doomed = doomedBy(state, plan).filter(([identity]) => !theirs.has(identity));
  const call = { revision: plan.index.revision, signal };
  state.index = plan.index;
  for (const { identity } of plan.changed) state.health.mark(identity);
  state.reported.forget([...plan.changed.map(({ identity }) => identity), ...leftoversOf(state, plan).map(([identity]) => identity)]);
  state.context.faults.reach('prune');
  const pruned = doomed.length > 0 ? await prune(state, doomed.map(([, entry]) => entry), call) : [];
  record.add([...pruned, ...others.map(keptFor)].map(prunedRecord));
  const failed = new Set(pruned.filter(({ outcome }) => outcome === 'failed').map(({ entry }) => entry));
  const undeleted = doomed.filter(([, entry]) => failed.has(entry)).map(([identity, entry]): Leftover => [identity, marked(entry)]);
  const gone = new Set([...doomed, ...others.flatMap(({ object, isClaimed }) => (isClaimed ? [object] : []))].map(([identity]) => identity));
  const left = [...undeleted, ...await keepLeftovers(state, leftoversOf(state, plan).filter(([identity]) => !gone.has(identity)), call)];
  state.inventory = inventoryOf(plan.index, left);
}

/** What could not be deleted is tried again by the next sync. */
export const inventoryOf = ({ objects }: ApplicationIndex, left: readonly Leftover[]): Inventory =>
  left.length === 0 ? objects : new Map([...objects, ...left.map(([identity, entry]) => [identity, { entry }] as const)]);

export function prune({ context, application, label, log }: ApplicationState, entries: readonly InventoryEntry[], { isFinal = false, ...options }: { readonly revision: string; readonly signal: AbortSignal; readonly isFinal?: boolean }): Promise<readonly PrunedObject[]> {
  return context.applier.prune(entries, { label, isFinal }, { client: context.clientFor(application), reader: context.client, log, ...options });
}
