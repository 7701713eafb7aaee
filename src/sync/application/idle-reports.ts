import type { NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';

/** Syncs of the same commit go before. */
const DELAY_MS = 100;

/** Waited after each write, in multiples of the time that it took, which of a busy machine is mostly the time of others. */
const PAUSE = { factor: 3, maxMs: 20 };

/**
 * Writes that a commit changed nothing of an application: one at a time, with pauses, so that whatever a commit does change waits for none of
 * them even when there are thousands, and of several commits the last only. Who waits longest comes first.
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
      if (this.#due.size > 0) await this.#clock.sleep(Math.min(PAUSE.factor * (this.#clock.monotonic() - startedMs), PAUSE.maxMs));
    }
    this.#isWriting = false;
    this.#cancel = undefined;
  }
}
