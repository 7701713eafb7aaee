/** Exponential waits with jitter, so that many clients do not come back at the same moment. */
export interface Backoff {
  /** The next wait in milliseconds. */
  next(): number;
  /** Call after a success: the next wait is the first again. */
  reset(): void;
}

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Doubles from `firstMs` to `maxMs`; each wait is between half and the whole of it. */
export function createBackoff({ firstMs, maxMs, random }: BackoffOptions): Backoff {
  let waitMs = firstMs;
  return {
    next() {
      const ms = waitMs * (0.5 + random() / 2);
      waitMs = Math.min(waitMs * 2, maxMs);
      return ms;
    },
    reset() {
      waitMs = firstMs;
    },
  };
}
