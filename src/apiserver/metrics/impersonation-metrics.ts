import type { Exposition } from '#base/exposition.ts';
import { Histogram } from '#base/histogram.ts';
import type { Authorizer } from '../authz/authorizer.ts';

/** Seconds; Kubernetes' own buckets: from a millisecond on, each twice the one before. */
const BOUNDS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const MODE = /^impersonate(?:-on)?:([^:]+)/;

interface Series {
  readonly labels: { readonly mode: string; readonly decision: string };
  readonly histogram: Histogram;
}

/** Counts who asked to act as another, and what the authorizer was asked for it, under the names of Kubernetes' metrics. */
export class ImpersonationMetrics {
  readonly #attempts = new Map<string, Series>();
  readonly #checks = new Map<string, Series>();
  readonly #monotonic: () => number;

  /** `monotonic`: milliseconds. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** One attempt; it is denied when it throws. `constraint`: the verb that allowed it, absent for the old one. */
  attempt<T extends { readonly constraint?: string }>(act: () => T): T {
    const begun = this.#monotonic();
    try {
      const result = act();
      this.#observe(this.#attempts, modeOf(result.constraint ?? ''), true, begun);
      return result;
    } catch (error) {
      this.#observe(this.#attempts, '', false, begun);
      throw error;
    }
  }

  /** The authorizer, with its answers counted. */
  counting(authorizer: Authorizer): Authorizer {
    return {
      authorize: (attributes) => {
        const begun = this.#monotonic();
        const decision = authorizer.authorize(attributes);
        this.#observe(this.#checks, modeOf(attributes.verb), decision.isAllowed, begun);
        return decision;
      },
    };
  }

  write(out: Exposition): void {
    const counts = (all: ReadonlyMap<string, Series>) => [...all.values()].map(({ labels, histogram }) => ({ labels, value: histogram.count }));
    out.counter('apiserver_impersonation_attempts_total', 'Requests that asked to act as another, by mode and decision.', counts(this.#attempts));
    out.histogram('apiserver_impersonation_attempts_duration_seconds', 'How long it took to decide of them.', [...this.#attempts.values()]);
    out.counter('apiserver_impersonation_authorization_attempts_total', 'What the authorizer was asked for them, by mode and decision.', counts(this.#checks));
    out.histogram('apiserver_impersonation_authorization_attempts_duration_seconds', 'How long it took the authorizer to answer.', [...this.#checks.values()]);
  }

  #observe(all: Map<string, Series>, mode: string, isAllowed: boolean, begun: number): void {
    const decision = isAllowed ? 'allowed' : 'denied';
    const key = `${mode} ${decision}`;
    const series = all.get(key) ?? { labels: { mode, decision }, histogram: new Histogram(BOUNDS) };
    all.set(key, series);
    series.histogram.observe((this.#monotonic() - begun) / 1000);
  }
}

const modeOf = (verb: string): string => MODE.exec(verb)?.[1] ?? 'legacy';
