import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore, TransactionResult, Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import { decodeStored, servedOf, withRevision, type Versioned } from './object-reader.ts';
import { storedWrite } from './object-write.ts';

/** @throws StatusError ServiceUnavailable when the store does not answer: the outcome of the write is then unknown. */
export const commit = (store: ObjectStore, writes: readonly Write[]): Promise<TransactionResult> => store.transaction(writes).catch(unavailable);

function unavailable(error: unknown): never {
  if (error instanceof StoreUnavailableError) throw new StatusError('ServiceUnavailable', `the store is not available: ${error.message}`, { cause: error });
  throw error;
}

export type PutResult =
  | { readonly ok: true; readonly object: KubeObject }
  /** Another writer was faster: at the object, or (`isOther`) at what had to be written with it. */
  | { readonly ok: false; readonly current: Versioned | undefined; readonly isOther: boolean };

const NOTHING: readonly Write[] = [];

/** Writes an object that is not there yet, with what belongs to it, and drops the UID that was kept for it. */
export function insertObject(env: Pick<Environment, 'store' | 'reservations'>, resource: ResourceType, object: KubeObject, also: readonly Write[] = NOTHING): Promise<PutResult> {
  const release = env.reservations.release(resource, object);
  return perform(env.store, resource, 'put', object, 'absent', release ? [...also, release] : also);
}

/** Writes one object when it is still at `expect`; else tells what is there instead. */
export const putObject = (store: ObjectStore, resource: ResourceType, object: KubeObject, expect: number, also: readonly Write[] = NOTHING): Promise<PutResult> => perform(store, resource, 'put', object, expect, also);

/** Deletes one object when it is still at `expect`; watchers are told `last`. */
export const removeObject = (store: ObjectStore, resource: ResourceType, last: KubeObject, expect: number, also: readonly Write[] = NOTHING): Promise<PutResult> => perform(store, resource, 'delete', last, expect, also);

function perform(store: ObjectStore, resource: ResourceType, type: Write['type'], object: KubeObject, expect: number | 'absent', also: readonly Write[]): Promise<PutResult> {
  if (resource.conversion === undefined) return write(store, resource, object, storedWrite(resource, type, object, expect), also);
  return performConverted(store, resource, { type, object, expect, also });
}

interface Change {
  readonly type: Write['type'];
  readonly object: KubeObject;
  readonly expect: number | 'absent';
  readonly also: readonly Write[];
}

/** What was written in another version is answered as it will be read: without what the stored version does not know, and with its defaults. */
async function performConverted(store: ObjectStore, resource: ResourceType, { type, object, expect, also }: Change): Promise<PutResult> {
  const stored = (await resource.conversion?.store(object)) ?? object;
  const result = await write(store, resource, object, storedWrite(resource, type, stored, expect), also);
  if (!result.ok || type !== 'put' || stored.apiVersion === object.apiVersion) return result;
  return { ok: true, object: await readBack(resource, withRevision(stored, Number(result.object.metadata.resourceVersion))) };
}

/** What would be answered if the object was written. */
export const asWritten = async (resource: ResourceType, object: KubeObject): Promise<KubeObject> => readBack(resource, (await resource.conversion?.store(object)) ?? object);

const readBack = async (resource: ResourceType, stored: KubeObject): Promise<KubeObject> =>
  (await servedOf(resource, { object: stored, revision: Number(stored.metadata.resourceVersion ?? 0), json: () => Buffer.from(JSON.stringify(stored)) })).object;

async function write(store: ObjectStore, resource: ResourceType, object: KubeObject, own: Write, also: readonly Write[]): Promise<PutResult> {
  const result = await commit(store, also.length === 0 ? [own] : [own, ...also]);
  if (result.ok) return { ok: true, object: withRevision(object, result.revisions[0] ?? 0) };
  const isOther = result.index > 0;
  if (isOther || !result.current) return { ok: false, current: undefined, isOther };
  const current = decodeStored(result.current);
  const served = resource.conversion ? await servedOf(resource, { ...current, json: () => Buffer.from(JSON.stringify(current.object)) }) : current;
  return { ok: false, current: served, isOther };
}
