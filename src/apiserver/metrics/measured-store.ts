import { Histogram } from '#base/histogram.ts';
import type { Exposition } from '#base/exposition.ts';
import type { ObjectKey, ObjectStore, StoreBatch, StoredObject, StoreSnapshot, TransactionResult, Write } from '#store/object-store.ts';

/** Seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** A store whose transactions are timed. */
export class MeasuredStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #transactions = new Histogram(BOUNDS);
  #failures = 0;

  constructor(store: ObjectStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  get storeId(): string {
    return this.#store.storeId;
  }

  async transaction(writes: readonly Write[]): Promise<TransactionResult> {
    const startedAt = this.#now();
    try {
      return await this.#store.transaction(writes);
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#transactions.observe((this.#now() - startedAt) / 1000);
    }
  }

  get(key: ObjectKey): Promise<StoredObject | undefined> {
    return this.#store.get(key);
  }

  revision(): Promise<number> {
    return this.#store.revision();
  }

  snapshot(): Promise<StoreSnapshot> {
    return this.#store.snapshot();
  }

  follow(afterRevision: number, signal: AbortSignal): AsyncIterable<StoreBatch> {
    return this.#store.follow(afterRevision, signal);
  }

  compact(): Promise<void> {
    return this.#store.compact();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  write(out: Exposition): void {
    const labels = { operation: 'txn' };
    out.histogram('etcd_request_duration_seconds', 'Latency of the store in seconds.', [{ labels, histogram: this.#transactions }]);
    out.counter('etcd_request_errors_total', 'Requests that the store did not answer.', [{ labels, value: this.#failures }]);
  }
}
