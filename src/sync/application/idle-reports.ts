import type { NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';

/** Syncs of the same commit go before. */
const DELAY_MS = 100;

/** Waited after each write, in multiples of the time that it took: thousands of applications must not take the time of all else. */
const PAUSE = 3;

/**
 * Writes that a commit changed nothing of an application: one at a time and a quarter of the time, so that whatever a commit does change
 * waits for none of them, and of several commits the last only. Who waits longest comes first.
 */
export class IdleReports {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #due = new Map<NamespacedName, () => Promise<void>>();
  #cancel: (() => void) | undefined;
  #isWriting = false;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  add(key: NamespacedName, write: () => Promise<void>): void {
    this.#due.set(key, write);
    if (!this.#isWriting) this.#cancel ??= this.#clock.after(DELAY_MS, () => void this.#write());
  }

  stop(): void {
    this.#cancel?.();
    this.#due.clear();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (const [key, write] of this.#due) {
      this.#due.delete(key);
      const startedMs = this.#clock.monotonic();
      await write().catch((error: unknown) => this.#log.warn('the status of an application could not be written', { application: key, error }));
      if (this.#due.size > 0) await this.#clock.sleep(PAUSE * (this.#clock.monotonic() - startedMs));
    }
    this.#isWriting = false;
    this.#cancel = undefined;
  }
}
