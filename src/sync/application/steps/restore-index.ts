import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationState } from '../application-state.ts';
import { planSync } from '../sync-plan.ts';
import { planRequest } from './plan-request.ts';

/** After a restart on a commit that is bad, or must wait, the last good one is what drift is healed against. */
export async function restoreIndex(state: ApplicationState, { repository }: TrackedRevision, signal: AbortSignal): Promise<void> {
  const { context, log } = state;
  const revision = state.status.status.syncedRevision;
  if (state.index || !revision) return;
  const plan = await planSync(planRequest(state, { repository, revision }, undefined, signal)).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('the last good commit cannot be read', { revision, error });
  });
  if (!plan?.ok) return;
  const isHealed = (state.application.spec.syncPolicy?.selfHeal ?? 'Heal') === 'Heal';
  const { errors } = await context.applier.apply(isHealed ? plan.changed : [], { client: context.clientFor(state.application), revision, log, signal });
  if (errors.length > 0) log.warn('the last good commit is no longer accepted', { revision, errors });
  state.index = plan.index;
  for (const identity of plan.index.objects.keys()) state.health.mark(identity);
}
