import type { Clock } from '#base/clock.ts';

/** Calls back at the interval, until the signal aborts. */
export function poll({ clock, pollIntervalMs }: { readonly clock: Clock; readonly pollIntervalMs: number }, onPoll: () => void, signal: AbortSignal): void {
  const next = (): (() => void) => clock.after(pollIntervalMs, () => {
    onPoll();
    cancel = next();
  });
  let cancel = next();
  signal.addEventListener('abort', () => cancel(), { once: true });
}
