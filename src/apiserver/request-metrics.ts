import { loadMetrics } from '#base/metrics.ts';

/** What the server tells of itself on `/metrics`. Counting is cheap; the metrics package loads at the first question. */
export class RequestMetrics {
  readonly #requests = new Map<string, number>();

  count(method: string): void {
    this.#requests.set(method, (this.#requests.get(method) ?? 0) + 1);
  }

  async text(): Promise<{ readonly contentType: string; readonly text: string }> {
    const metrics = await loadMetrics();
    metrics.counters('apiserver_request_total', 'Requests over HTTPS by method.', 'method', this.#requests);
    return { contentType: metrics.contentType, text: await metrics.text() };
  }
}
