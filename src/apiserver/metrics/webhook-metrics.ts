import { Histogram } from '#base/histogram.ts';
import type { Exposition } from '#base/exposition.ts';

/** Seconds; Kubernetes' own buckets. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 25];

export interface WebhookCalled {
  readonly name: string;
  readonly operation: string;
  readonly isMutating: boolean;
  readonly seconds: number;
  /** How the webhook kept the request from going on; absent when it did not. */
  readonly rejection?: { readonly errorType: 'calling_webhook_error' | 'no_error'; readonly code: number } | undefined;
  /** It failed, and its policy is to let pass what it cannot judge. */
  readonly hasFailedOpen: boolean;
}
type Labels = Readonly<Record<string, string | number>>;

/** Counts what admission webhooks were asked, under the names of Kubernetes' metrics. */
export class WebhookMetrics {
  readonly #durations = new Map<string, { readonly labels: Labels; readonly histogram: Histogram }>();
  readonly #rejections = new Map<string, { readonly labels: Labels; value: number }>();
  readonly #failedOpen = new Map<string, { readonly labels: Labels; value: number }>();

  called({ name, operation, isMutating, seconds, rejection, hasFailedOpen }: WebhookCalled): void {
    const type = isMutating ? 'admit' : 'validating';
    const labels = { name, operation, rejected: String(rejection !== undefined), type };
    seriesIn(this.#durations, labels, () => ({ labels, histogram: new Histogram(BOUNDS) })).histogram.observe(seconds);
    if (rejection !== undefined) count(this.#rejections, { error_type: rejection.errorType, name, operation, rejection_code: rejection.code, type });
    if (hasFailedOpen) count(this.#failedOpen, { name, type });
  }

  write(out: Exposition): void {
    out.histogram('apiserver_admission_webhook_admission_duration_seconds', 'Latency of admission webhooks in seconds.', [...this.#durations.values()]);
    out.counter('apiserver_admission_webhook_rejection_count', 'Requests that admission webhooks rejected, by their error and code.', [...this.#rejections.values()]);
    out.counter('apiserver_admission_webhook_fail_open_count', 'Requests that passed an admission webhook that failed.', [...this.#failedOpen.values()]);
  }
}

function seriesIn<T>(known: Map<string, T>, labels: Labels, make: () => T): T {
  const key = Object.values(labels).join(' ');
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function count(known: Map<string, { readonly labels: Labels; value: number }>, labels: Labels): void {
  seriesIn(known, labels, () => ({ labels, value: 0 })).value += 1;
}
