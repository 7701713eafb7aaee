import type { NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';

/** Syncs of the same commit go before. */
const DELAY_MS = 100;

/**
 * Writes that a commit changed nothing of an application: one at a time, so that whatever a commit does change waits for none of them, and
 * of several commits the last only.
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
    this.#due.delete(key);
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
      await write().catch((error: unknown) => this.#log.warn('the status of an application could not be written', { application: key, error }));
    }
    this.#isWriting = false;
    this.#cancel = undefined;
  }
}
