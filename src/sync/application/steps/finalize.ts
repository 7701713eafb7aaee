import { CONFIRM_DELETION_ANNOTATION, type InventoryEntry } from '#api/headway/v1/types.ts';
import { APPLICATIONS, NAMESPACES } from '#api/resources.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import { syncOptions } from '../../apply/sync-options.ts';
import { HOOK_RUN_ANNOTATION } from '../../hooks/hook-plan.ts';
import { describe } from '../../inventory/identity.ts';
import type { ApplicationState } from '../application-state.ts';
import { Deletion } from '../deletion.ts';
import { HAND_OVER_LOOK_MS, keptFor, mayBeTaken, offer, taken } from '../hand-over.ts';
import { MAX_EVENT_LENGTH } from '../limits.ts';
import { confirmsDeletion } from '../target.ts';
import { runDeletionHooks } from './deletion-hooks.ts';
import { isHeldForHooks, isHeldForObjects, letGo } from './finalizers.ts';
import { prune } from './finish.ts';

/** What cannot be deleted now may be soon: rights come back, the API answers again. */
const FAILED_RETRY_MS = 30_000;
/** Each object that goes is told of; one whose kind is served no more is not. */
const GONE_LOOK_MS = 5000;

/**
 * A deleted Application takes along what it applied: its own Applications first, and when they are gone the rest, which they may need until then
 * (namespaces, service accounts, roles). Each Application that goes has this one looked at again. Hooks run before all that, and when all is gone.
 */
export async function finalize(state: ApplicationState, signal: AbortSignal): Promise<QueueResult> {
  if (!isHeldForObjects(state)) {
    await letGo(state, signal);
    return {};
  }
  state.index = undefined;
  // Nothing can be made in a namespace that goes away, and none is held for it.
  const isDying = await goesWithNamespace(state, signal);
  const deletion = (state.deletion ??= await beginDeletion(state, signal));
  if (!(await isConfirmed(state, deletion, signal))) return {};
  const waits = (isDying ? undefined : await runDeletionHooks(state, deletion, 'PreDelete', signal))
    ?? (await deleteObjects(state, deletion, { isDying, signal }))
    ?? (isDying ? undefined : await runDeletionHooks(state, deletion, 'PostDelete', signal));
  if (waits) return waits;
  await state.records.closeLast(deletion.record, { phase: 'Succeeded' });
  await letGo(state, signal);
  return {};
}

/** The record is there before anything is deleted. Where none can be made, the deletion goes on without. */
async function beginDeletion({ records, application, status: { status }, log }: ApplicationState, signal: AbortSignal): Promise<Deletion> {
  const adopted = await records.adoptDeletion();
  if (adopted) return new Deletion(adopted);
  const record = records.prepare();
  const revision = status.syncedRevision ?? status.attemptedRevision;
  if (revision) await records.open(application, { revision, trigger: { type: 'Deletion' }, record }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    log.warn('the record of a deletion could not be made', { error });
  });
  return new Deletion(record);
}

/** What is annotated to be deleted only after a confirmation holds all of it. */
async function isConfirmed(state: ApplicationState, deletion: Deletion, signal: AbortSignal): Promise<boolean> {
  const { application, context, status } = state;
  if (deletion.isConfirmed || confirmsDeletion(application)) return (deletion.isConfirmed = true);
  const present = await context.applier.look(state.entries.map(([, entry]) => entry), { client: context.client, signal });
  const guarded = present.filter(({ live }) => live && syncOptions(live).delete === 'confirm').map(({ entry }) => describe(entry.kind, entry));
  if (guarded.length === 0) return (deletion.isConfirmed = true);
  const message = `waits until annotation ${CONFIRM_DELETION_ANNOTATION}=${application.metadata.name} is on the Application: ${guarded.join(', ')}`;
  const isTold = status.status.conditions?.some(({ type, reason }) => type === 'Synced' && reason === 'DeletionNotConfirmed') === true;
  if (!isTold) context.events.event(application, { type: 'Warning', reason: 'DeletionNotConfirmed', action: 'Delete', message: message.slice(0, MAX_EVENT_LENGTH) });
  await report(state, 'DeletionNotConfirmed', message);
  return false;
}

/** Undefined when there is nothing left to wait for. */
async function deleteObjects(state: ApplicationState, deletion: Deletion, { isDying, signal }: { readonly isDying: boolean; readonly signal: AbortSignal }): Promise<QueueResult | undefined> {
  await deleteHooks(state, deletion, signal);
  const options = { revision: state.status.status.syncedRevision ?? '', signal, isFinal: true };
  offer(state, state.entries);
  if (!isDying && mayBeTaken(state, (deletion.offeredAt ??= state.context.clock.monotonic()))) return { requeueAfterMs: HAND_OVER_LOOK_MS };
  const entries = leaveTaken(state, deletion);
  const applications = entries.filter(isApplication);
  const children = await prune(state, applications, options);
  deletion.tell(children);
  const left = await remaining(state, applications, { kept: children.flatMap(keptEntry), signal });
  if (left.length > 0) {
    await report(state, 'Deleting', `waits until its Applications are gone: ${left.map(({ name }) => name).join(', ')}`);
    return {};
  }
  const others = await prune(state, entries.filter((entry) => !isApplication(entry)), options);
  deletion.tell(others);
  const failed = [...children, ...others].filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0 && !isDying) {
    await report(state, 'PruneFailed', failed.map(({ entry, message }) => `${describe(entry.kind, entry)}: ${message}`).join('; '));
    return { requeueAfterMs: FAILED_RETRY_MS };
  }
  if (isDying || !isHeldForHooks(state)) return undefined;
  const going = await remaining(state, entries, { kept: [...children, ...others].flatMap(keptEntry), signal });
  if (going.length === 0) return undefined;
  await report(state, 'Deleting', `waits until its objects are gone: ${going.map((entry) => describe(entry.kind, entry)).join(', ')}`);
  return { requeueAfterMs: GONE_LOOK_MS };
}

/** Without what other applications declare, which is theirs from now on. */
function leaveTaken(state: ApplicationState, deletion: Deletion): readonly InventoryEntry[] {
  const others = taken(state, state.entries);
  deletion.tell(others.map(keptFor));
  const theirs = new Set(others.map(({ object: [, entry] }) => entry));
  return state.entries.flatMap(([, entry]) => (theirs.has(entry) ? [] : [entry]));
}

const isApplication = ({ group, kind }: InventoryEntry): boolean => group === APPLICATIONS.group && kind === APPLICATIONS.kind;
const keptEntry = ({ entry, outcome }: { readonly entry: InventoryEntry; readonly outcome: string }): readonly InventoryEntry[] => (outcome === 'deleted' ? [] : [entry]);

/** What is still there, but is to go. */
async function remaining({ context }: ApplicationState, entries: readonly InventoryEntry[], { kept, signal }: { readonly kept: readonly InventoryEntry[]; readonly signal: AbortSignal }): Promise<readonly InventoryEntry[]> {
  const present = await context.applier.look(entries.filter((entry) => !kept.includes(entry)), { client: context.client, signal });
  return present.flatMap(({ entry, live }) => (live ? [entry] : []));
}

/** Roles go with a namespace in any order: then sync may lack the right to delete what goes by itself, and must not hold the namespace for it. */
async function goesWithNamespace({ context, application }: ApplicationState, signal: AbortSignal): Promise<boolean> {
  const namespace = await context.client.get(NAMESPACES, { name: application.metadata.namespace ?? '' }, { signal });
  return namespace.metadata.deletionTimestamp !== undefined;
}

const report = (state: ApplicationState, reason: string, message: string): Promise<void> => state.status.update({ condition: { type: 'Synced', status: 'False', reason, message } });

/** Hooks are in no inventory. Those that run when all is gone are not among them. */
async function deleteHooks({ context, application, label, log, status }: ApplicationState, { record }: Deletion, signal: AbortSignal): Promise<void> {
  const isLast = (run = ''): boolean => run.startsWith(record.name) && run.endsWith('/PostDelete');
  const hooks = context.live.hooksOf(label).filter(({ metadata }) => !metadata.deletionTimestamp && !isLast(metadata.annotations?.[HOOK_RUN_ANNOTATION]));
  await context.applier.delete(hooks, { client: context.clientFor(application), revision: status.status.syncedRevision ?? '', log, signal });
}
