import { Cron } from 'croner';
import type { SyncWindow } from '#api/headway/v1/types.ts';
import { formatTime } from '#base/clock.ts';
import { parseDuration } from '../source/duration.ts';

export type WindowDecision =
  | { readonly isOpen: true }
  /** `opensAt` in milliseconds since 1970; absent when no time within the next {@link MAX_STEPS} changes of the windows is open. */
  | { readonly isOpen: false; readonly closedBy: string; readonly opensAt?: number };

/** Windows that never leave a gap would be followed for ever. */
const MAX_STEPS = 1000;

/** Whether a sync may begin at `now`: not within a `Deny` window; with `Allow` windows, only within one of them. Manual syncs go through windows that say so. */
export function decideWindows(windows: readonly SyncWindow[], now: number, isManual: boolean): WindowDecision {
  const all = windows.map((window) => new Window(window));
  const closedBy = closing(all, now, isManual);
  if (closedBy === undefined) return { isOpen: true };
  const opensAt = nextOpening(all, now, isManual);
  return { isOpen: false, closedBy, ...(opensAt === undefined ? {} : { opensAt }) };
}

/** As a condition says it. */
export function closedMessage({ closedBy, opensAt }: Extract<WindowDecision, { isOpen: false }>): string {
  return `${closedBy}; ${opensAt === undefined ? 'no later time is open' : `the sync starts at ${formatTime(opensAt)}`}`;
}

class Window {
  readonly spec: SyncWindow;
  readonly #cron: Cron;
  readonly #durationMs: number;

  constructor(spec: SyncWindow) {
    this.spec = spec;
    this.#cron = new Cron(spec.schedule, { timezone: spec.timeZone || 'UTC', mode: '5-part', paused: true });
    this.#durationMs = parseDuration(spec.duration) ?? 0;
  }

  /** When the run that is open at `time` ends; of several that overlap, the last. */
  openUntil(time: number): number | undefined {
    // The run before the next millisecond is one that begins at `time` at the latest.
    const [begun] = this.#cron.previousRuns(1, new Date(time + 1));
    const end = begun === undefined ? 0 : begun.getTime() + this.#durationMs;
    return end > time ? end : undefined;
  }

  opensAfter(time: number): number | undefined {
    return this.#cron.nextRun(new Date(time))?.getTime();
  }

  toString(): string {
    const { kind, schedule, duration, timeZone } = this.spec;
    return `${kind} window "${schedule}" (${timeZone || 'UTC'}) of ${duration}`;
  }
}

/** What forbids a sync at that time. Deny wins. */
function closing(windows: readonly Window[], time: number, isManual: boolean): string | undefined {
  const { Allow: allowing = [], Deny: denying = [] } = Object.groupBy(windows, ({ spec }) => spec.kind);
  const denied = denying.filter((window) => window.openUntil(time) !== undefined);
  const forbidding = denied.find(({ spec }) => !(isManual && spec.manual));
  if (forbidding) return `closed by ${forbidding}`;
  // A manual sync that every denying window lets through needs no allowing one.
  if (denied.length > 0 || allowing.length === 0 || allowing.some((window) => window.openUntil(time) !== undefined)) return undefined;
  if (isManual && allowing.some(({ spec }) => spec.manual)) return undefined;
  return `outside of ${allowing.join(' and ')}`;
}

function nextOpening(windows: readonly Window[], now: number, isManual: boolean): number | undefined {
  let time: number | undefined = now;
  for (let step = 0; step < MAX_STEPS; step++) {
    time = nextChange(windows, time);
    if (time === undefined) return undefined;
    if (closing(windows, time, isManual) === undefined) return time;
  }
  return undefined;
}

/** The answer can only turn to yes where a denying window ends or an allowing one begins. */
function nextChange(windows: readonly Window[], time: number): number | undefined {
  const changes = windows.flatMap((window) => (window.spec.kind === 'Deny' ? window.openUntil(time) : window.opensAfter(time)) ?? []);
  return changes.length === 0 ? undefined : Math.min(...changes);
}
