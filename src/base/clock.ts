/** Time, injected so that tests decide it. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that only grow; for durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `task` once after `ms` milliseconds, however many; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** Node fires a timer that is longer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = systemClock.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after: (ms, task) => {
    if (ms > LONGEST_TIMER_MS) return afterLong(ms, task);
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

function afterLong(ms: number, task: () => void): () => void {
  let cancel = systemClock.after(LONGEST_TIMER_MS, () => {
    cancel = systemClock.after(ms - LONGEST_TIMER_MS, task);
  });
  return () => cancel();
}

let latest = { second: NaN, text: '' };
/** `2026-01-02T03:04:05Z`: the form of `metav1.Time`, whole seconds. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  // Mostly the present time is asked for, several times a write.
  if (second !== latest.second) latest = { second, text: `${new Date(second * 1000).toISOString().slice(0, -'.000Z'.length)}Z` };
  return latest.text;
}
/** `2026-01-02T03:04:05.678000Z`: the form of `metav1.MicroTime`. */
export const formatMicroTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
