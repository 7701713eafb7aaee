/**
 * A queue of keys with the contract of Kubernetes' work queue: a key that is added while it waits is one job; a key that
 * is added while it runs runs once more afterwards; a key never runs twice at once in all processes; nothing added is lost.
 * A job may nevertheless run again after a crash, so handlers re-read state and compare-and-set.
 */
export interface WorkQueue {
  readonly name: string;
  /** Adds a key; with `delayMs` not before that time (an earlier add wins). */
  add(key: string, options?: { readonly delayMs?: number }): Promise<void>;
  /** Whether the key is added already and no job has begun with it. */
  isWaiting(key: string): boolean;
  /**
   * Starts working. A handler that resolves is done, or is due again after `requeueAfterMs`; one that rejects is retried
   * with exponential back-off (5 ms doubling to 1000 s, the Kubernetes default, reset by success).
   */
  process(handler: (job: QueueJob) => Promise<QueueResult>, options: { readonly concurrency: number }): void;
  /** Stops taking jobs, waits for those that run (their signals abort), and disconnects. */
  close(): Promise<void>;
}

export interface QueueJob {
  readonly key: string;
  /** Failures since the last success. */
  readonly failures: number;
  readonly signal: AbortSignal;
}

export interface QueueResult {
  readonly requeueAfterMs?: number;
}

/** Makes the queues of one cluster; all share connections. */
export interface QueueFactory {
  create(name: string): WorkQueue;
  close(): Promise<void>;
}
