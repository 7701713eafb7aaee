import { APPLICATIONS } from '#api/resources.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { ApplicationState } from '../application-state.ts';
import { HOOK_RUN_ANNOTATION } from '../../hooks/hook-plan.ts';
import { prune } from './finish.ts';

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
  await deleteHooks(state, signal);
  await prune(state, [...state.inventory.values()], { revision: state.status.status.syncedRevision ?? '', signal, isFinal: true });
  await setFinalizers(state, finalizers.filter((finalizer) => finalizer !== PRUNE_FINALIZER), signal);
  return {};
}

/** Hooks are in no inventory. */
async function deleteHooks({ context, application, label, log, status }: ApplicationState, signal: AbortSignal): Promise<void> {
  const hooks = context.live.ofApplication(label).flatMap(({ object }) => (object.metadata.annotations?.[HOOK_RUN_ANNOTATION] === undefined || object.metadata.deletionTimestamp ? [] : [object]));
  await context.applier.delete(hooks, { client: context.clientFor(application), revision: status.status.syncedRevision ?? '', log, signal });
}

async function setFinalizers(state: ApplicationState, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
  const { namespace, name, resourceVersion } = state.application.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  state.application = await state.context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
}
