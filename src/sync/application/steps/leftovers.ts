import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { ApplicationState, Leftover } from '../application-state.ts';
import type { GoodPlan } from '../plan.ts';

/** What may be there because of an earlier commit, and Git no longer names. */
export const leftoversOf = (state: Pick<ApplicationState, 'inventory' | 'entries'>, { index }: { readonly index: ApplicationIndex }): readonly Leftover[] =>
  state.inventory === index.objects ? [] : state.entries.filter(([identity]) => !index.objects.has(identity));

/** What the sync of a plan is to delete. */
export const doomedBy = (state: Pick<ApplicationState, 'inventory' | 'entries' | 'application'>, plan: GoodPlan): readonly Leftover[] =>
  state.application.spec.syncPolicy?.prune === false ? [] : leftoversOf(state, plan);

/** Those that would be deleted if pruning were on, marked so: they stay in the inventory until they are. What is gone, or not ours to delete, is forgotten. */
export async function keepLeftovers({ context, application, label, log }: ApplicationState, leftovers: readonly Leftover[], { revision, signal }: { readonly revision: string; readonly signal: AbortSignal }): Promise<readonly Leftover[]> {
  const call = { client: context.clientFor(application), reader: context.client, revision, log, signal };
  const left = new Set(await context.applier.prunable(leftovers.map(([, entry]) => entry), { label }, call));
  return leftovers.filter(([, entry]) => left.has(entry)).map(([identity, entry]) => [identity, marked(entry)]);
}

export const marked = (entry: Leftover[1]): Leftover[1] => ({ ...entry, requiresPruning: true });
