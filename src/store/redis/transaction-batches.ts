import type { TransactionResult, Write } from '../object-store.ts';

/** Redis answers nobody while the script of a batch runs, some 10 µs a write. */
const MAX_WRITES = 500;
/** Characters of all values: the least that keeps large objects from waiting for each other. */
const MAX_LENGTH = 1024 * 1024;

interface Batch {
  readonly transactions: (readonly Write[])[];
  readonly results: Promise<readonly TransactionResult[]>;
  writes: number;
  length: number;
}

/** Puts all transactions of one turn of the event loop into one script call: a call for each costs Redis and this process three times as much. */
export class TransactionBatches {
  readonly #send: (batch: readonly (readonly Write[])[]) => Promise<readonly TransactionResult[]>;
  #open: Batch | undefined;

  /** `send` gives one result a transaction, in order; when it fails, all transactions of the batch do. */
  constructor(send: (batch: readonly (readonly Write[])[]) => Promise<readonly TransactionResult[]>) {
    this.#send = send;
  }

  add(writes: readonly Write[]): Promise<TransactionResult> {
    const length = writes.reduce((sum, { value = '' }) => sum + value.length, 0);
    const batch = this.#batchFor(writes.length, length);
    const index = batch.transactions.push(writes) - 1;
    batch.writes += writes.length;
    batch.length += length;
    return batch.results.then((results) => results[index] as TransactionResult);
  }

  #batchFor(writes: number, length: number): Batch {
    const open = this.#open;
    if (open !== undefined && open.writes + writes <= MAX_WRITES && open.length + length <= MAX_LENGTH) return open;
    const batch = this.#begin();
    this.#open = batch;
    return batch;
  }

  #begin(): Batch {
    const { promise, resolve } = Promise.withResolvers<readonly TransactionResult[]>();
    const batch: Batch = { transactions: [], results: promise, writes: 0, length: 0 };
    setImmediate(() => {
      if (this.#open === batch) this.#open = undefined;
      resolve(this.#send(batch.transactions));
    });
    return batch;
  }
}
