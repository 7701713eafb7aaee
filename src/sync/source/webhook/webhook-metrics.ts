import type { Exposition } from '#base/exposition.ts';

/** How a request to the webhook port was answered. */
export type WebhookOutcome = AcceptedOutcome | RefusedOutcome;
type AcceptedOutcome = 'Push' | 'Ping' | 'Ignored';
type RefusedOutcome = 'Unauthenticated' | 'TooLarge' | 'Busy' | 'Invalid' | 'NotFound' | 'Unavailable';

const RESULTS: Readonly<Record<WebhookOutcome, 'accepted' | 'refused'>> = {
  Push: 'accepted', Ping: 'accepted', Ignored: 'accepted',
  Unauthenticated: 'refused', TooLarge: 'refused', Busy: 'refused', Invalid: 'refused', NotFound: 'refused', Unavailable: 'refused',
};

/** Requests to the webhook port since the process started. By no name that a stranger can choose: floods must not fill the memory. */
export class WebhookMetrics {
  readonly #counts = new Map<WebhookOutcome, number>();

  count(outcome: WebhookOutcome): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  write(out: Exposition): void {
    const samples = [...this.#counts].map(([reason, value]) => ({ labels: { result: RESULTS[reason], reason }, value }));
    out.counter('headway_webhook_requests_total', 'Requests to the webhook port by how they were answered.', samples);
  }
}
