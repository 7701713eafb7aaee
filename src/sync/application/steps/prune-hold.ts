import type { InventoryEntry, SyncError } from '#api/headway/v1/types.ts';
import { CONFIRM_PRUNE_ANNOTATION } from '#api/headway/v1/types.ts';
import { joinKey } from '#api/object.ts';
import { syncOptions } from '../../apply/sync-options.ts';
import { describe, resourceOfEntry } from '../../inventory/identity.ts';
import { pruneRefusal } from '../../policy/prune-limit.ts';
import type { ApplicationState } from '../application-state.ts';
import type { GoodPlan } from '../plan.ts';
import { confirmedPrune } from '../target.ts';

/** Why the commit must wait for somebody to confirm what it deletes. */
export function pruneHold({ application, context, inventory }: ApplicationState, { index }: GoodPlan, gone: readonly InventoryEntry[]): SyncError | undefined {
  const marked = gone.map((entry) => ({ name: describe(entry.kind, entry), prune: pruneOf(entry, context) })).filter(({ prune }) => prune !== 'keep');
  const why = pruneRefusal({
    limit: application.spec.syncPolicy?.pruneLimit ?? {}, total: inventory.size, deletions: marked.map(({ name }) => name),
    confirmable: marked.flatMap(({ name, prune }) => (prune === 'confirm' ? [name] : [])), remaining: index.objects.size,
    revision: index.revision, confirmed: confirmedPrune(application),
  });
  if (why === undefined) return undefined;
  return { path: gone[0]?.path ?? '', reason: 'PruneNotConfirmed', message: `${why}; nothing of the commit is applied until annotation ${CONFIRM_PRUNE_ANNOTATION}=${index.revision} is on the Application` };
}

function pruneOf(entry: InventoryEntry, { scheme, live }: Pick<ApplicationState['context'], 'scheme' | 'live'>) {
  const resource = resourceOfEntry(scheme, entry);
  const object = resource && live.byKey(resource, joinKey(entry.namespace, entry.name));
  return object ? syncOptions(object).prune : 'delete';
}
