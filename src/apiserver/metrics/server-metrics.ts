import { Exposition, type MetricsWriter } from '#base/exposition.ts';
import { loadProcessMetrics, type ProcessMetrics } from '#base/metrics.ts';

/** What the server tells of itself on `/metrics`. Counting is cheap; the metrics package loads at the first question. */
export class ServerMetrics {
  readonly #writers: readonly MetricsWriter[];
  #process: Promise<ProcessMetrics> | undefined;

  constructor(writers: readonly MetricsWriter[]) {
    this.#writers = writers;
  }

  async text(): Promise<{ readonly contentType: string; readonly text: string }> {
    this.#process ??= loadProcessMetrics();
    const own = new Exposition();
    for (const write of this.#writers) write(own);
    const { contentType, text } = await this.#process;
    return { contentType, text: (await text()) + own.text() };
  }
}
