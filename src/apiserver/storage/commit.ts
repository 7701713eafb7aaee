import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore, TransactionResult, Write } from '#store/object-store.ts';
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

/** Writes one object when it is still at `expect`; else tells what is there instead. */
export async function putObject(store: ObjectStore, resource: ResourceType, object: KubeObject, expect: number | 'absent'): Promise<PutResult> {
  const key = keyFor(resource, object.metadata.namespace ?? '', object.metadata.name);
  const result = await commit(store, [{ type: 'put', key, value: encodeForStore(object), expect }]);
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
