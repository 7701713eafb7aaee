import { randomUUID } from 'node:crypto';
import { Queue, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { QueueJob, QueueResult, WorkQueue } from '../work-queue.ts';
import { Delays } from './delays.ts';

export interface BullWorkQueueOptions {
  readonly name: string;
  /** All keys of the queue start with it and a colon. */
  readonly prefix: string;
  /** Shared by all queues; each worker adds one blocking connection of its own. */
  readonly connection: Redis;
  readonly clock: Clock;
  readonly log: Logger;
}

type Handler = (job: QueueJob) => Promise<QueueResult>;
interface Work { readonly handler: Handler; readonly concurrency: number }
interface JobData { readonly key: string }
interface Generation { readonly id: string; readonly queue: Queue<JobData>; worker?: Worker<JobData> }

/** Kubernetes' default: 5 ms doubling to 1000 s. */
const RETRY_FIRST_MS = 5;
const RETRY_MAX_MS = 1_000_000;
/** The owner of the queue is one process, whose memory knows what runs: locks need no renewal and stalled jobs no search. */
const LOCK_MS = 7 * 24 * 3_600_000;
/** How long an idle worker blocks in Redis. A job wakes it at once; this only bounds the wait after a lost wake-up. */
const IDLE_BLOCK_S = 10;
const KEPT_EVENTS = 10;

/**
 * A work queue over one BullMQ queue: jobs are keys, deduplicated so that a key waits at most once, and runs once more when
 * it was added while it ran. Delays, retry counts and the keys outstanding are kept in this process: a queue belongs to
 * the process that leads, whose successor enqueues everything again. So nothing in Redis needs to survive, and each
 * generation (a start, or a reconnect to Redis, after which replies may be missing) begins with empty keys.
 */
export class BullWorkQueue implements WorkQueue {
  readonly name: string;
  readonly #options: BullWorkQueueOptions;
  readonly #delays: Delays;
  /** Added, and not started since: by which add last. */
  readonly #waiting = new Map<string, symbol>();
  /** Of those, the ones whose last add Redis has confirmed: to add them again would change nothing. */
  readonly #stored = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  readonly #stop = new AbortController();
  #generation: Generation;
  #work: Work | undefined;

  constructor(options: BullWorkQueueOptions) {
    this.name = options.name;
    this.#options = options;
    this.#delays = new Delays(options.clock, (key) => this.#addNow(key).catch(this.#onError));
    this.#generation = this.#open();
  }

  /** Keys of the present generation start with it. */
  get keyPrefix(): string {
    return `${this.#options.prefix}:${this.name}:${this.#generation.id}:`;
  }

  async add(key: string, { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    if (delayMs > 0) this.#delays.schedule(key, delayMs);
    else await this.#addNow(key);
  }

  isWaiting(key: string): boolean {
    return this.#waiting.has(key);
  }

  process(handler: Handler, { concurrency }: { readonly concurrency: number }): void {
    if (this.#work) throw new Error(`queue ${this.name} has its handler already`);
    this.#work = { handler, concurrency };
    this.#startWorker(this.#generation);
  }

  /** The connection was lost: replies to commands in flight may be too, and with them jobs that Redis believes to be running. */
  restart(): void {
    if (this.#stop.signal.aborted) return;
    const old = this.#generation;
    this.#generation = this.#open();
    this.#stored.clear();
    if (this.#work) this.#startWorker(this.#generation);
    for (const key of this.#waiting.keys()) this.#addNow(key).catch(this.#onError);
    this.#close(old).catch(this.#onError);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error(`queue ${this.name} is closed`));
    this.#delays.close();
    await Promise.allSettled(this.#running.values());
    await this.#close(this.#generation);
  }

  async #addNow(key: string): Promise<void> {
    if (this.#stop.signal.aborted || this.#stored.has(key)) return;
    const added = Symbol(key);
    this.#waiting.set(key, added);
    await this.#generation.queue.add('key', { key }, {
      deduplication: { id: key, keepLastIfActive: true }, removeOnComplete: true, removeOnFail: true, attempts: 1,
    });
    if (this.#waiting.get(key) === added) this.#stored.add(key);
  }

  #open(): Generation {
    const id = randomUUID().slice(0, 8);
    const queue = new Queue<JobData>('q', { ...this.#connection(id), streams: { events: { maxLen: KEPT_EVENTS } } });
    queue.on('error', this.#onError);
    return { id, queue };
  }

  #connection(generation: string) {
    const { prefix, connection } = this.#options;
    return { connection, prefix: `${prefix}:${this.name}:${generation}`, skipVersionCheck: true };
  }

  #startWorker(generation: Generation): void {
    const { concurrency } = this.#work as Work;
    generation.worker = new Worker<JobData>('q', (job) => this.#take(job, generation), {
      ...this.#connection(generation.id), concurrency, lockDuration: LOCK_MS, skipLockRenewal: true, skipStalledCheck: true,
      drainDelay: IDLE_BLOCK_S, runRetryDelay: 100, removeOnComplete: { count: 0 }, removeOnFail: { count: 0 },
    });
    generation.worker.on('error', this.#onError);
  }

  async #take(job: Job<JobData>, generation: Generation): Promise<void> {
    const { key } = job.data;
    // A key of the generation before may still be running here.
    for (let running = this.#running.get(key); running; running = this.#running.get(key)) await running;
    if (generation !== this.#generation || this.#stop.signal.aborted) return;
    this.#waiting.delete(key);
    this.#stored.delete(key);
    const run = this.#run(key).finally(() => this.#running.delete(key));
    this.#running.set(key, run);
    await run;
  }

  async #run(key: string): Promise<void> {
    const failures = this.#failures.get(key) ?? 0;
    try {
      const { requeueAfterMs } = await (this.#work as Work).handler({ key, failures, signal: this.#stop.signal });
      this.#failures.delete(key);
      if (requeueAfterMs !== undefined) this.#delays.schedule(key, requeueAfterMs);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failures.set(key, failures + 1);
      this.#options.log.debug('queue job failed and is retried', { queue: this.name, key, failures: failures + 1, error });
      this.#delays.schedule(key, Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS));
    }
  }

  async #close({ worker, queue }: Generation): Promise<void> {
    await worker?.close();
    await queue.close();
  }

  readonly #onError = (error: unknown): void => {
    if (!this.#stop.signal.aborted) this.#options.log.debug('queue connection error', { queue: this.name, error });
  };
}
