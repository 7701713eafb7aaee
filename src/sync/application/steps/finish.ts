import type { Identity } from '../../inventory/identity.ts';
import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { PrunedObject } from '../../apply/applier.ts';
import { prunedRecord } from '../../record/synced-object.ts';
import type { ApplicationState } from '../application-state.ts';
import type { GoodPlan } from '../plan.ts';
import type { SyncRun } from '../sync-run.ts';
import { goneFrom } from './begin.ts';

/** After all waves: deletes what Git no longer names. From here on the commit is what drift is judged by. */
export async function finish(state: ApplicationState, run: SyncRun, signal: AbortSignal): Promise<void> {
  const { plan, record } = run;
  const gone = goneFrom(state, plan);
  state.index = plan.index;
  for (const { identity } of plan.changed) state.health.mark(identity);
  state.context.faults.reach('prune');
  const pruned = gone.length > 0 ? await prune(state, gone.map(([, entry]) => entry), { revision: plan.index.revision, signal }) : [];
  record.add(pruned.map(prunedRecord));
  const failed = new Set(pruned.filter(({ outcome }) => outcome === 'failed').map(({ entry }) => entry));
  state.inventory = inventoryOf(plan, gone.filter(([, entry]) => failed.has(entry)));
}

/** What could not be deleted is tried again by the next sync. */
export const inventoryOf = ({ index }: GoodPlan, left: readonly (readonly [Identity, InventoryEntry])[] = []): ReadonlyMap<Identity, InventoryEntry> =>
  new Map([...[...index.objects].map(([identity, { object }]) => [identity, object.entry] as const), ...left]);

export function prune({ context, application, label, log }: ApplicationState, entries: readonly InventoryEntry[], { isFinal = false, ...options }: { readonly revision: string; readonly signal: AbortSignal; readonly isFinal?: boolean }): Promise<readonly PrunedObject[]> {
  return context.applier.prune(entries, { label, isFinal }, { client: context.clientFor(application), reader: context.client, log, ...options });
}
