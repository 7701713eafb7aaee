import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore, TransactionResult, Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import { decodeStored, encodeForStore, keyFor, withRevision, type Versioned } from './object-reader.ts';

/** @throws StatusError ServiceUnavailable when the store does not answer: the outcome of the write is then unknown. */
export async function commit(store: ObjectStore, writes: readonly Write[]): Promise<TransactionResult> {
  try {
    return await store.transaction(writes);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw new StatusError('ServiceUnavailable', `the store is not available: ${error.message}`, { cause: error });
    throw error;
  }
}

export type PutResult = { readonly ok: true; readonly object: KubeObject } | { readonly ok: false; readonly current: Versioned | undefined };

/** Writes an object that is not there yet, and drops the UID that was kept for it. */
export const insertObject = (env: Pick<Environment, 'store' | 'reservations'>, resource: ResourceType, object: KubeObject): Promise<PutResult> =>
  put(env.store, resource, object, 'absent', env.reservations.release(resource, object));

/** Writes one object when it is still at `expect`; else tells what is there instead. */
export const putObject = (store: ObjectStore, resource: ResourceType, object: KubeObject, expect: number): Promise<PutResult> => put(store, resource, object, expect);

async function put(store: ObjectStore, resource: ResourceType, object: KubeObject, expect: number | 'absent', also?: Write): Promise<PutResult> {
  const key = keyFor(resource, object.metadata.namespace ?? '', object.metadata.name);
  const result = await commit(store, [{ type: 'put', key, value: encodeForStore(object), expect }, ...(also ? [also] : [])]);
  if (!result.ok) return { ok: false, current: result.current && decodeStored(result.current) };
  return { ok: true, object: withRevision(object, result.revisions[0] ?? 0) };
}

/** Deletes one object when it is still at `expect`; watchers are told `last`. */
export async function removeObject(store: ObjectStore, resource: ResourceType, last: KubeObject, expect: number): Promise<PutResult> {
  const key = keyFor(resource, last.metadata.namespace ?? '', last.metadata.name);
  const result = await commit(store, [{ type: 'delete', key, value: encodeForStore(last), expect }]);
  if (!result.ok) return { ok: false, current: result.current && decodeStored(result.current) };
  return { ok: true, object: withRevision(last, result.revisions[0] ?? 0) };
}
