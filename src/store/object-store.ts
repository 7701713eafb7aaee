import type { GroupResource } from '#api/resource-type.ts';

/** The durable, revisioned home of all objects. Implementations: redis/ (the real one) and memory/ (tests). */
export interface ObjectKey {
  readonly resource: GroupResource;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

export interface StoredObject {
  readonly key: ObjectKey;
  /** The object as JSON text; its metadata holds no resourceVersion, which is `revision`. */
  readonly value: string;
  /** Revision of the last write of this key. */
  readonly revision: number;
}

/** What must hold for a write to happen: the key's revision, that it is absent, or anything; a delete needs a key that is there. */
export type Expectation = number | 'absent' | 'any';

export type Write =
  | { readonly type: 'put'; readonly key: ObjectKey; readonly value: string; readonly expect: Expectation }
  /** `value` is the last state to tell watchers; when absent the stored one is told. */
  | { readonly type: 'delete'; readonly key: ObjectKey; readonly value?: string; readonly expect: Exclude<Expectation, 'absent'> };

export type TransactionResult =
  /** One revision a write, in order, consecutive; the transaction is visible as a whole or not at all. */
  | { readonly ok: true; readonly revisions: readonly number[] }
  /** The first write whose expectation failed; nothing was written. `current` is absent when the key is. */
  | { readonly ok: false; readonly index: number; readonly current?: StoredObject };

export interface StoreEvent {
  readonly type: 'put' | 'delete';
  readonly key: ObjectKey;
  /** The new state, or for a delete the last one. */
  readonly value: string;
  readonly revision: number;
}

/** All events of one transaction, in order. */
export type StoreBatch = readonly StoreEvent[];

/** A past event, with what it replaced. */
export interface HistoryEvent extends StoreEvent {
  /** The state of the key before; absent when there was none; 'unknown' when it is no longer kept. */
  readonly replaced?: Pick<StoredObject, 'value' | 'revision'> | 'unknown';
}

/** Past transactions, oldest first, without a gap. */
export interface StoreHistory {
  readonly batches: readonly (readonly HistoryEvent[])[];
  /** Every event after this revision, up to the one that was asked for, is in `batches`. */
  readonly after: number;
}

export interface StoreSnapshot {
  readonly objects: readonly StoredObject[];
  /** Every event up to here is in the snapshot, none after. */
  readonly revision: number;
}

/**
 * Revisions are one global, strictly increasing sequence of integers below 2^53; a restart, a failover or a restore
 * neither reuses nor lowers one. Every resolved write is durable. All methods may be called concurrently.
 */
export interface ObjectStore {
  /** Random id of the data, made when the store was first opened empty. */
  readonly storeId: string;
  get(key: ObjectKey): Promise<StoredObject | undefined>;
  /**
   * Writes all or nothing; a key at most once.
   * @throws StoreUnavailableError (retryable; the outcome of the writes is unknown), TypeError (a fault of the caller)
   */
  transaction(writes: readonly Write[]): Promise<TransactionResult>;
  /** The last committed revision, as of some moment after the call. */
  revision(): Promise<number>;
  /** The same when it is known without asking, because nobody else can have written; undefined: ask. */
  knownRevision(): number | undefined;
  /** Everything stored, consistent at one revision. Yields chunks, so that a large store does not stop the event loop. */
  snapshot(): Promise<StoreSnapshot>;
  /** The newest batches up to `revision`, at most `maxBatches` of them; fewer when fewer are kept. `revision` ends a batch. */
  history(revision: number, maxBatches: number): Promise<StoreHistory>;
  /**
   * Tells `onBatch` every batch after `afterRevision`, in order, with no gap and no repeat, until the signal aborts; own transactions before they resolve, as a rule.
   * @throws RevisionCompactedError when events after `afterRevision` are no longer kept: take a new snapshot; what `onBatch` throws
   */
  follow(afterRevision: number, signal: AbortSignal, onBatch: (batch: StoreBatch) => void): Promise<void>;
  /** Drops events older than the retention that the implementation was given. Called by whoever leads. */
  compact(): Promise<void>;
  close(): Promise<void>;
}
