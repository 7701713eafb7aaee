import { APPLICATIONS } from '#api/resources.ts';
import type { ApplicationState } from '../application-state.ts';

/** Holds a deleted Application until its objects are pruned. */
const PRUNE_FINALIZER = 'headway.dev/prune';
/** Says that there are hooks for the deletion: without it a deletion asks nothing of Git. Whoever removes it by hand has the objects deleted without them. */
export const HOOKS_FINALIZER = 'headway.dev/deletion-hooks';

const finalizersOf = ({ application }: ApplicationState): readonly string[] => application.metadata.finalizers ?? [];

export const isHeldForObjects = (state: ApplicationState): boolean => finalizersOf(state).includes(PRUNE_FINALIZER);
export const isHeldForHooks = (state: ApplicationState): boolean => finalizersOf(state).includes(HOOKS_FINALIZER);

/** Before anything is applied. */
export async function holdForObjects(state: ApplicationState, signal: AbortSignal): Promise<void> {
  if (isHeldForObjects(state) || state.application.spec.syncPolicy?.prune === false) return;
  await setFinalizers(state, [...finalizersOf(state), PRUNE_FINALIZER], signal);
}

/** Hooks run with the deletion of the objects, or not at all. */
export async function holdForHooks(state: ApplicationState, hasHooks: boolean, signal: AbortSignal): Promise<void> {
  const isHeld = hasHooks && isHeldForObjects(state);
  if (isHeld === isHeldForHooks(state)) return;
  const others = finalizersOf(state).filter((finalizer) => finalizer !== HOOKS_FINALIZER);
  await setFinalizers(state, isHeld ? [...others, HOOKS_FINALIZER] : others, signal);
}

/** The deleted Application may go. */
export async function letGo(state: ApplicationState, signal: AbortSignal): Promise<void> {
  const others = finalizersOf(state).filter((finalizer) => finalizer !== PRUNE_FINALIZER && finalizer !== HOOKS_FINALIZER);
  if (others.length < finalizersOf(state).length) await setFinalizers(state, others, signal);
}

async function setFinalizers(state: ApplicationState, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
  const { namespace, name, resourceVersion } = state.application.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  state.application = await state.context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
}
