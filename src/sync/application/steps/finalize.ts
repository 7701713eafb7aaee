import type { InventoryEntry } from '#api/headway/v1/types.ts';
import { APPLICATIONS, NAMESPACES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { PrunedObject } from '../../apply/applier.ts';
import { describe } from '../../inventory/identity.ts';
import type { ApplicationState } from '../application-state.ts';
import { prune } from './finish.ts';

/** Holds a deleted Application until its objects are pruned. */
export const PRUNE_FINALIZER = 'headway.dev/prune';

export async function addFinalizer(state: ApplicationState, signal: AbortSignal): Promise<void> {
  const { finalizers = [] } = state.application.metadata;
  if (finalizers.includes(PRUNE_FINALIZER) || state.application.spec.syncPolicy?.prune === false) return;
  await setFinalizers(state, [...finalizers, PRUNE_FINALIZER], signal);
}

/** What cannot be deleted now may be soon: rights come back, the API answers again. */
const FAILED_RETRY_MS = 30_000;

/**
 * A deleted Application takes along what it applied: its own Applications first, and when they are gone the rest, which they may need until then
 * (namespaces, service accounts, roles). Each Application that goes has this one looked at again.
 */
export async function finalize(state: ApplicationState, signal: AbortSignal): Promise<QueueResult> {
  const { finalizers = [] } = state.application.metadata;
  if (!finalizers.includes(PRUNE_FINALIZER)) return {};
  state.index = undefined;
  await deleteHooks(state, signal);
  const entries = [...state.inventory.values()];
  const options = { revision: state.status.status.syncedRevision ?? '', signal, isFinal: true };
  const children = await prune(state, entries.filter(isApplication), options);
  const left = await remaining(state, entries.filter(isApplication), children, signal);
  if (left.length > 0) {
    await report(state, 'Deleting', `waits until its Applications are gone: ${left.map(({ name }) => name).join(', ')}`);
    return {};
  }
  const failed = [...children, ...await prune(state, entries.filter((entry) => !isApplication(entry)), options)].filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0 && !(await goesWithNamespace(state, signal))) {
    await report(state, 'PruneFailed', failed.map(({ entry, message }) => `${describe(entry.kind, entry)}: ${message}`).join('; '));
    return { requeueAfterMs: FAILED_RETRY_MS };
  }
  await setFinalizers(state, finalizers.filter((finalizer) => finalizer !== PRUNE_FINALIZER), signal);
  return {};
}

const isApplication = ({ group, kind }: InventoryEntry): boolean => group === APPLICATIONS.group && kind === APPLICATIONS.kind;

async function remaining({ context }: ApplicationState, entries: readonly InventoryEntry[], pruned: readonly PrunedObject[], signal: AbortSignal): Promise<readonly InventoryEntry[]> {
  const kept = new Set(pruned.flatMap(({ entry, outcome }) => (outcome === 'deleted' ? [] : [entry])));
  const present = await Promise.all(entries.filter((entry) => !kept.has(entry)).map(async (entry) => ((await exists(context.client, entry, signal)) ? [entry] : [])));
  return present.flat();
}

/** Roles go with a namespace in any order: then sync may lack the right to delete what goes by itself, and must not hold the namespace for it. */
async function goesWithNamespace({ context, application }: ApplicationState, signal: AbortSignal): Promise<boolean> {
  const namespace = await context.client.get(NAMESPACES, { name: application.metadata.namespace ?? '' }, { signal });
  return namespace.metadata.deletionTimestamp !== undefined;
}

async function exists(client: Client, { namespace, name }: InventoryEntry, signal: AbortSignal): Promise<boolean> {
  try {
    await client.get(APPLICATIONS, { namespace, name }, { signal });
    return true;
  } catch (error) {
    if (isStatus(error, 'NotFound')) return false;
    throw error;
  }
}

const report = (state: ApplicationState, reason: string, message: string): Promise<void> => state.status.update({ condition: { type: 'Synced', status: 'False', reason, message } });

/** Hooks are in no inventory. */
async function deleteHooks({ context, application, label, log, status }: ApplicationState, signal: AbortSignal): Promise<void> {
  const hooks = context.live.hooksOf(label).filter(({ metadata }) => !metadata.deletionTimestamp);
  await context.applier.delete(hooks, { client: context.clientFor(application), revision: status.status.syncedRevision ?? '', log, signal });
}

async function setFinalizers(state: ApplicationState, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
  const { namespace, name, resourceVersion } = state.application.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  state.application = await state.context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
}
