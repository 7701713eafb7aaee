import type { Container, Probe } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import { runHandler, type HandlerResult } from './run-handler.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProberOptions {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly container: Container;
  readonly containerId: string;
  readonly host: string;
  /** Milliseconds since the epoch when the container started. */
  readonly startedAt: number;
  readonly initial: boolean;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly onResult: (isSuccess: boolean) => void;
  readonly onFailure: (output: string) => void;
}

/** While a container has never been up, it is asked this soon again, each time twice as late, until the period is reached. */
const FIRST_INTERVAL_MS = 50;

/** Runs one probe of one container for as long as it lives, and keeps the verdict that its thresholds give. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #abort = new AbortController();
  #result: boolean;
  #run = { isSuccess: false, length: 0 };
  #countedAt = -Infinity;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#result = options.initial;
    void this.#loop();
  }

  get isSuccess(): boolean {
    return this.#result;
  }

  stop(): void {
    this.#abort.abort();
  }

  async #loop(): Promise<void> {
    const { probe, clock, kind, startedAt } = this.#options;
    const { signal } = this.#abort;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    let quickMs = kind === 'liveness' || this.#result ? periodMs : FIRST_INTERVAL_MS;
    try {
      const delay = startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now();
      if (delay > 0) await clock.sleep(delay, signal);
      while (!signal.aborted) {
        const began = clock.monotonic();
        await this.#once(periodMs);
        const isUp = this.#result || kind === 'liveness';
        const waitMs = isUp ? periodMs : Math.min(quickMs, periodMs);
        quickMs = Math.min(periodMs, quickMs * 2);
        await clock.sleep(Math.max(10, waitMs - (clock.monotonic() - began)), signal);
      }
    } catch {
      // The sleep ended because the container did.
    }
  }

  async #once(periodMs: number): Promise<void> {
    const { probe, container, containerId, host, runtime, clock } = this.#options;
    const result = await runHandler(probe, { container, containerId, host, runtime, timeoutSeconds: probe.timeoutSeconds ?? 1 });
    if (this.#abort.signal.aborted) return;
    // Quick tries must not use up the failures that the period spaces out.
    const isDue = clock.monotonic() - this.#countedAt >= periodMs - 20;
    if (!result.isSuccess && !isDue) return;
    this.#countedAt = clock.monotonic();
    this.#count(result);
  }

  #count(result: HandlerResult): void {
    const { probe, onResult, onFailure } = this.#options;
    const { isSuccess, output } = result;
    this.#run = isSuccess === this.#run.isSuccess ? { isSuccess, length: this.#run.length + 1 } : { isSuccess, length: 1 };
    if (!isSuccess) onFailure(output);
    const threshold = isSuccess ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (this.#run.length < threshold) return;
    const isChange = this.#result !== isSuccess || (!isSuccess && this.#run.length === threshold);
    this.#result = isSuccess;
    if (isChange) onResult(isSuccess);
  }
}
