import type { InventoryEntry, SyncError } from '#api/headway/v1/types.ts';
import type { Identity } from '../../inventory/identity.ts';
import type { ApplicationState } from '../application-state.ts';
import type { GoodPlan } from '../plan.ts';

/** Record, apply, prune: in this order, so that a process that dies in between leaves nothing behind that nobody knows of. */
export async function execute(state: ApplicationState, { index, changed }: GoodPlan, signal: AbortSignal): Promise<readonly SyncError[]> {
  const { context, log } = state;
  await recordInventory(state, { index, changed });
  const { errors } = await context.applier.apply(changed, { client: context.clientFor(state.application), revision: index.revision, log, signal });
  if (errors.length > 0) return errors;
  const gone = [...state.inventory].filter(([identity]) => !index.objects.has(identity));
  state.index = index;
  for (const { identity } of changed) state.health.mark(identity);
  const kept = gone.length > 0 && (state.application.spec.syncPolicy?.prune ?? true) ? await prune(state, gone.map(([, entry]) => entry), { revision: index.revision, signal }) : [];
  if (kept.length > 0) log.info('objects kept that Git no longer names', { objects: kept });
  state.inventory = new Map([...index.objects].map(([identity, { object }]) => [identity, object.entry]));
  return [];
}

async function recordInventory(state: ApplicationState, { index, changed }: GoodPlan): Promise<void> {
  const added = changed.flatMap(({ identity }) => {
    const entry = state.inventory.has(identity) ? undefined : index.objects.get(identity)?.object.entry;
    return entry ? [[identity, entry] as const] : [];
  });
  if (added.length === 0) return;
  state.inventory = new Map([...state.inventory, ...added]);
  await state.status.update({ inventory: [...state.inventory.values()] });
}

/** What is kept though the application no longer declares it. */
export async function prune({ context, application, label, log }: ApplicationState, entries: readonly InventoryEntry[], options: { readonly revision: string; readonly signal: AbortSignal }): Promise<readonly Identity[]> {
  const { kept } = await context.applier.prune(entries, label, { client: context.clientFor(application), log, ...options });
  return kept.map(({ identity }) => identity);
}
