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
    this.#arm(key, dueMs);
  }

  close(): void {
    for (const { cancel } of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  #arm(key: string, dueMs: number): void {
    const waitMs = Math.max(0, dueMs - this.#clock.monotonic());
    // setTimeout takes at most 2^31 - 1 ms; longer waits are armed again.
    const cancel = this.#clock.after(Math.min(waitMs, LONGEST_TIMER_MS), () => {
      if (waitMs > LONGEST_TIMER_MS) return this.#arm(key, dueMs);
      this.#pending.delete(key);
      this.#onDue(key);
    });
    this.#pending.set(key, { dueMs, cancel });
  }
}

const LONGEST_TIMER_MS = 2_147_483_647;
