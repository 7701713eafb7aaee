import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { Identity } from '../../inventory/identity.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import type { ApplicationState } from '../application-state.ts';
import { desiredOf } from '../healing.ts';
import { planRequest } from './plan-request.ts';
import { syncedCondition } from './succeed.ts';

export const isReportOnly = ({ application }: Pick<ApplicationState, 'application'>): boolean => application.spec.syncPolicy?.selfHeal === 'Report';

/** Finds out what of the objects is not as the commit says, and tells it; nothing is undone. */
export async function reportDrift(state: ApplicationState, { tracked, index, identities }: { readonly tracked: TrackedRevision; readonly index: ApplicationIndex; readonly identities: readonly Identity[] }, signal: AbortSignal): Promise<void> {
  const { context, application } = state;
  const objects = await desiredOf(identities.filter((identity) => index.objects.has(identity)), { index, request: planRequest(state, tracked, index, signal) });
  state.reported.add(await context.applier.compare(objects, { client: context.clientFor(application), signal }));
  if (!state.refused && !state.run) await state.status.update({ condition: syncedCondition(state, index) });
}
