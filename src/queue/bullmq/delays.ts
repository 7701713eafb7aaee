import type { Clock } from '#base/clock.ts';

/** Keys that are due later; for each key the earliest time wins. */
export class Delays {
  readonly #clock: Clock;
  readonly #onDue: (key: string) => void;
  readonly #pending = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();

  constructor(clock: Clock, onDue: (key: string) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  schedule(key: string, delayMs: number): void {
    const dueMs = this.#clock.monotonic() + delayMs;
    const present = this.#pending.get(key);
    if (present && present.dueMs <= dueMs) return;
    present?.cancel();
    const cancel = this.#clock.after(Math.max(0, delayMs), () => {
      this.#pending.delete(key);
      this.#onDue(key);
    });
    this.#pending.set(key, { dueMs, cancel });
  }

  close(): void {
    for (const { cancel } of this.#pending.values()) cancel();
    this.#pending.clear();
  }
}
