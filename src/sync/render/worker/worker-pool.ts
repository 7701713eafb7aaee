import { availableParallelism } from 'node:os';
import { DEFAULT_LIMITS, findConfinement, type Confinement, type WorkerLimits } from './confinement.ts';
import { runWorker, type WorkerOutcome, type WorkerRun } from './worker.ts';

export interface WorkerPoolOptions {
  readonly limits?: Partial<WorkerLimits>;
  /** Workers at once; default one a core. */
  readonly concurrency?: number;
  /** Where programs are looked for; default PATH. */
  readonly path?: string;
}

/** Runs the rendering tools: at most so many at once, each confined. */
export class WorkerPool {
  readonly limits: WorkerLimits;
  readonly path: string;
  readonly #concurrency: number;
  #confinement: Promise<Confinement> | undefined;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: WorkerPoolOptions = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#concurrency = options.concurrency ?? availableParallelism();
    this.path = options.path ?? process.env['PATH'] ?? '';
  }

  /** Found out once, when first needed. */
  confinement(): Promise<Confinement> {
    return (this.#confinement ??= findConfinement(this.limits, this.path));
  }

  /** Waits for its turn. Rejects with the signal's reason when aborted, at once, and with the worker's group killed. */
  async run(work: WorkerRun, signal: AbortSignal): Promise<WorkerOutcome> {
    const confinement = await this.confinement();
    await this.#enter(signal);
    try {
      return await runWorker(work, { confinement, limits: this.limits, path: this.path, signal });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running >= this.#concurrency) {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(enter), 1);
          reject(signal.reason as Error);
        };
        const enter = (): void => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
        this.#waiting.push(enter);
      });
    }
    this.#running += 1;
  }
}
