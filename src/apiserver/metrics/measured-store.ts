import { Histogram } from '#base/histogram.ts';
import type { Exposition } from '#base/exposition.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectKey, ObjectStore, StoreBatch, StoredObject, StoreHistory, StoreSnapshot, TransactionResult, Write } from '#store/object-store.ts';

/** Seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** A store whose transactions are timed. */
export class MeasuredStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #transactions = new Histogram(BOUNDS);
  #failures = 0;
  #isAnswering = true;

  constructor(store: ObjectStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Whether the last request was answered. After a failure each call asks again, and the next one knows. */
  checkAnswers(): boolean {
    if (!this.#isAnswering) this.revision().catch(() => undefined);
    return this.#isAnswering;
  }

  get storeId(): string {
    return this.#store.storeId;
  }

  transaction(writes: readonly Write[]): Promise<TransactionResult> {
    const startedAt = this.#now();
    const ended = (): void => this.#transactions.observe((this.#now() - startedAt) / 1000);
    return this.#store.transaction(writes).then((result) => {
      this.#isAnswering = true;
      ended();
      return result;
    }, (error: unknown) => {
      if (error instanceof StoreUnavailableError) this.#isAnswering = false;
      this.#failures += 1;
      ended();
      throw error;
    });
  }

  get(key: ObjectKey): Promise<StoredObject | undefined> {
    return this.#store.get(key);
  }

  async revision(): Promise<number> {
    const revision = await this.#store.revision();
    this.#isAnswering = true;
    return revision;
  }

  knownRevision(): number | undefined {
    return this.#store.knownRevision();
  }

  snapshot(): Promise<StoreSnapshot> {
    return this.#store.snapshot();
  }

  history(revision: number, maxBatches: number): Promise<StoreHistory> {
    return this.#store.history(revision, maxBatches);
  }

  follow(afterRevision: number, signal: AbortSignal, onBatch: (batch: StoreBatch) => void): Promise<void> {
    return this.#store.follow(afterRevision, signal, onBatch);
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
