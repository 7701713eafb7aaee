import { APPLICATIONS } from '#api/resources.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { ApplicationState } from '../application-state.ts';
import { prune } from './execute.ts';

/** Holds a deleted Application until its objects are pruned. */
export const PRUNE_FINALIZER = 'headway.dev/prune';

export async function addFinalizer(state: ApplicationState, signal: AbortSignal): Promise<void> {
  const { finalizers = [] } = state.application.metadata;
  if (finalizers.includes(PRUNE_FINALIZER) || state.application.spec.syncPolicy?.prune === false) return;
  await setFinalizers(state, [...finalizers, PRUNE_FINALIZER], signal);
}

/** A deleted Application takes along what it applied. */
export async function finalize(state: ApplicationState, signal: AbortSignal): Promise<QueueResult> {
  const { finalizers = [] } = state.application.metadata;
  if (!finalizers.includes(PRUNE_FINALIZER)) return {};
  state.index = undefined;
  await prune(state, [...state.inventory.values()], { revision: state.status.status.syncedRevision ?? '', signal });
  await setFinalizers(state, finalizers.filter((finalizer) => finalizer !== PRUNE_FINALIZER), signal);
  return {};
}

async function setFinalizers(state: ApplicationState, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
  const { namespace, name, resourceVersion } = state.application.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  state.application = await state.context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
}
