import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { removePidFile, writePidFile } from './pid-file.ts';

/** A child process that runs. */
export interface RunningChild {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<unknown>;
  /** Asks it to end and resolves when it has. */
  stop(): Promise<void>;
}

export interface SupervisedOptions {
  readonly name: string;
  readonly pidFile: string;
  /** Starts the process; rejects when it cannot be started or does not come up. */
  readonly start: () => Promise<RunningChild>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Back-off between an end and the next start. The first is at once: a killed part should be back before anyone notices. */
const RESTART_DELAYS_MS = [0, 500, 1000, 2000, 5000, 10_000] as const;
/** A process that ran this long was healthy: its next end starts the back-off anew. */
const HEALTHY_AFTER_MS = 10_000;

/** Keeps one child process running until {@link stop}. */
export class Supervised {
  readonly #options: SupervisedOptions;
  readonly #stopping = new AbortController();
  #child: RunningChild | undefined;
  /** The start under way, if any. */
  #starting: Promise<void> = Promise.resolve();
  #loop: Promise<void> = Promise.resolve();
  #restarts = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The first start: its failure is the caller's, since nothing has run yet. */
  async start(): Promise<void> {
    await this.#startOnce();
    this.#loop = this.#keepRunning();
  }

  /** Also in the middle of a start: the process that comes up is ended before this resolves. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await this.#child?.stop();
    await this.#starting.catch(() => undefined);
    await this.#loop;
    removePidFile(this.#options.pidFile);
  }

  #startOnce(): Promise<void> {
    this.#starting = this.#launch();
    return this.#starting;
  }

  async #launch(): Promise<void> {
    const child = await this.#options.start();
    this.#child = child;
    writePidFile(this.#options.pidFile, child.pid);
    if (this.#stopping.signal.aborted) await child.stop();
  }

  async #keepRunning(): Promise<void> {
    const { clock, log, name } = this.#options;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAt = clock.monotonic();
      await this.#child?.exited;
      this.#child = undefined;
      if (this.#stopping.signal.aborted) return;
      failures = clock.monotonic() - startedAt > HEALTHY_AFTER_MS ? 0 : failures;
      log.warn('process ended, restarting', { process: name, failures });
      failures = await this.#restart(failures);
    }
  }

  async #restart(failures: number): Promise<number> {
    const { clock, log, name } = this.#options;
    for (let attempt = failures; ; attempt++) {
      try {
        await clock.sleep(RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)] ?? 0, this.#stopping.signal);
        this.#restarts++;
        await this.#startOnce();
        return attempt + 1;
      } catch (thrown) {
        if (this.#stopping.signal.aborted) return attempt;
        log.error('process did not start', { process: name, attempt, error: asError(thrown) });
      }
    }
  }
}
