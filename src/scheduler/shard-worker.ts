import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { WorkQueue } from '#queue/work-queue.ts';
import type { FilterPlugin } from './framework/plugin.ts';
import { SchedulingQueue, type QueuedPod } from './queue/scheduling-queue.ts';

export interface ShardWorkerOptions {
  /** Key of the job that stands for this shard. */
  readonly key: string;
  readonly workQueue: WorkQueue;
  readonly plugins: readonly FilterPlugin[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly run: (pod: QueuedPod, queue: SchedulingQueue) => Promise<void>;
}

/** Bindings on their way at once; more only lengthens the queue in the API server. */
const MAX_IN_FLIGHT = 256;
/** Others (watches, an API server in this process) get their turn after so long. */
const SLICE_MS = 3;
/** How often to ask for a job while pods are ready and none has started: another process may hold it, or Redis may be away. */
const WAKE_INTERVAL_MS = 100;

/**
 * Schedules the pods of one shard while this process holds the shard's job.
 *
 * ```
 * idle -- pod ready --> woken (job added) -- job starts --> draining -- nothing ready, nothing in flight --> idle
 * ```
 */
export class ShardWorker {
  readonly queue: SchedulingQueue;
  readonly #options: ShardWorkerOptions;
  #state: 'idle' | 'woken' | 'draining' = 'idle';
  #isStopped = false;
  #inFlight = 0;
  #notify: (() => void) | undefined;

  constructor(options: ShardWorkerOptions) {
    this.#options = options;
    this.queue = new SchedulingQueue({ clock: options.clock, plugins: options.plugins, onReady: () => this.#wake() });
  }

  stop(): void {
    this.#isStopped = true;
    this.queue.stop();
  }

  #wake(): void {
    this.#notify?.();
    if (this.#state !== 'idle' || this.#isStopped) return;
    this.#state = 'woken';
    const { workQueue, key, log, clock } = this.#options;
    workQueue.add(key).catch((error: unknown) => log.warn('cannot wake the scheduler', { shard: key, error }));
    clock.after(WAKE_INTERVAL_MS, () => {
      if (this.#state !== 'woken') return;
      this.#state = 'idle';
      if (this.queue.ready > 0) this.#wake();
    });
  }

  /** The job: tries pods, most urgent first, until none is ready and all bindings are answered. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#state = 'draining';
    // Also ends a wait for bindings or pods.
    const onAbort = (): void => this.#notify?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        if (this.queue.ready > 0 && this.#inFlight < MAX_IN_FLIGHT) await this.#slice(signal);
        else if (this.#inFlight > 0) await this.#changed();
        else break;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#state = 'idle';
    }
  }

  async #slice(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const end = clock.monotonic() + SLICE_MS;
    while (!signal.aborted && this.#inFlight < MAX_IN_FLIGHT && clock.monotonic() < end) {
      const pod = this.queue.pop();
      if (pod === undefined) break;
      this.#track(pod);
    }
    await setImmediate();
  }

  #track(pod: QueuedPod): void {
    this.#inFlight += 1;
    this.#attempt(pod)
      .catch((thrown: unknown) => {
        this.#options.log.error('an attempt to schedule failed', { pod: pod.info.key, error: asError(thrown) });
        this.queue.retry(pod);
      })
      .finally(() => {
        this.#inFlight -= 1;
        this.#notify?.();
      });
  }

  async #attempt(pod: QueuedPod): Promise<void> {
    await this.#options.run(pod, this.queue);
  }

  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#notify = resolve;
    });
    this.#notify = undefined;
  }
}
