import type { ObjectStore, StoreBatch } from '#store/object-store.ts';

export interface CollectUntil {
  /** Stop after so many events. */
  readonly events?: number;
  /** Stop after this revision. */
  readonly until?: number;
  readonly signal?: AbortSignal;
}

/** Follows a store until the condition holds; fails when it does not within 20 s. */
export async function collectBatches(store: ObjectStore, after: number, { events = Infinity, until = Infinity, signal }: CollectUntil): Promise<StoreBatch[]> {
  const batches: StoreBatch[] = [];
  if (events === 0 || until <= after) return batches;
  const deadline = AbortSignal.timeout(20_000);
  const enough = new AbortController();
  let count = 0;
  await store.follow(after, AbortSignal.any([deadline, enough.signal, ...(signal ? [signal] : [])]), (batch) => {
    batches.push(batch);
    count += batch.length;
    if (count >= events || (batch.at(-1)?.revision ?? 0) >= until) enough.abort();
  });
  if (deadline.aborted) throw new Error(`followed ${count} events only`);
  return batches;
}
