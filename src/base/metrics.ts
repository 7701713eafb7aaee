/** Metrics in Prometheus' text form. */
export interface Metrics {
  readonly contentType: string;
  /** Sets a counter with one label to the totals that are known: label value to count. */
  counters(name: string, help: string, label: string, totals: ReadonlyMap<string, number>): void;
  /** Everything, the process's own figures included. */
  text(): Promise<string>;
}

/** Loads the metrics package, which takes longer than most processes want to wait at their start. */
export async function loadMetrics(): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    counters(name, help, label, totals) {
      const counter = new Counter({ name, help, labelNames: [label], registers: [registry] });
      for (const [value, total] of totals) counter.inc({ [label]: value }, total);
    },
    text: () => registry.metrics(),
  };
}
