import type { Clock } from '#base/clock.ts';
import { TimeoutError } from './errors.ts';

/** Promises of revisions that are yet to come. */
export class RevisionWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws TimeoutError */
  async wait(revision: number, timeoutMs: number, current: () => number): Promise<void> {
    const reached = this.#waiting.get(revision) ?? Promise.withResolvers<void>();
    this.#waiting.set(revision, reached);
    const timedOut = Promise.withResolvers<never>();
    const cancel = this.#clock.after(timeoutMs, () =>
      timedOut.reject(new TimeoutError('The watch cache did not reach the revision in time', { revision, current: current() })),
    );
    return Promise.race([reached.promise, timedOut.promise]).finally(cancel);
  }

  reached(revision: number): void {
    for (const [wanted, { resolve }] of this.#waiting) {
      if (wanted > revision) continue;
      this.#waiting.delete(wanted);
      resolve();
    }
  }

  fail(reason: Error): void {
    for (const { promise, reject } of this.#waiting.values()) {
      promise.catch(() => undefined);
      reject(reason);
    }
    this.#waiting.clear();
  }
}
