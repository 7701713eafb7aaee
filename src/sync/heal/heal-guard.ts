import type { Clock } from '#base/clock.ts';

export const HEAL_LIMIT = 5;
export const HEAL_WINDOW_MS = 60_000;

/** Keeps two controllers that want different values from fighting: after 5 heals of a field within a minute it is left alone for the rest of it. */
export class HealGuard {
  readonly #clock: Clock;
  readonly #heals = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a heal of the object's fields; or says after how many milliseconds the next one is allowed. */
  admit(identity: string, fields: readonly string[]): { readonly waitMs: number } {
    const now = this.#clock.monotonic();
    this.#forget(now);
    const keys = fields.map((field) => `${identity} ${field}`);
    const waits = keys.map((key) => {
      const times = this.#heals.get(key) ?? [];
      return times.length < HEAL_LIMIT ? 0 : (times[0] ?? now) + HEAL_WINDOW_MS - now;
    });
    const waitMs = Math.max(0, ...waits);
    if (waitMs === 0) for (const key of keys) this.#heals.set(key, [...(this.#heals.get(key) ?? []), now]);
    return { waitMs };
  }

  #forget(now: number): void {
    for (const [key, times] of this.#heals) {
      const recent = times.filter((time) => now - time < HEAL_WINDOW_MS);
      if (recent.length === 0) this.#heals.delete(key);
      else if (recent.length < times.length) this.#heals.set(key, recent);
    }
  }
}
