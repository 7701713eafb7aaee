import type { Clock } from '#base/clock.ts';

/** 10 s, doubled at each failure, at most 5 minutes; forgotten after 10 minutes that went well: as Kubernetes has it. */
export const BACK_OFF_INITIAL_MS = 10_000;
export const BACK_OFF_MAX_MS = 300_000;
const FORGET_AFTER_MS = 2 * BACK_OFF_MAX_MS;

interface Entry {
  readonly delayMs: number;
  readonly lastAt: number;
}

/** Delays by key. The first failure costs nothing; each later one waits twice as long after the end of the one before. */
export class BackOff {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When the key may be tried again after a failure at `failedAt`; in the past or present: now. */
  readyAt(key: string, failedAt: number): number {
    const entry = this.#entries.get(key);
    return entry && failedAt - entry.lastAt <= FORGET_AFTER_MS ? failedAt + entry.delayMs : failedAt;
  }

  delayOf(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** Records a try after a failure: the next one waits longer. */
  next(key: string): void {
    const now = this.#clock.now();
    const entry = this.#entries.get(key);
    const isFresh = entry && now - entry.lastAt <= FORGET_AFTER_MS;
    this.#entries.set(key, { delayMs: isFresh ? Math.min(entry.delayMs * 2, BACK_OFF_MAX_MS) : BACK_OFF_INITIAL_MS, lastAt: now });
  }

  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}
