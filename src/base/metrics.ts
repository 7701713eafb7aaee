/** Figures of the process itself (memory, event loop, garbage collection) in Prometheus' text form. */
export interface ProcessMetrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Loads the metrics package, which takes longer than most processes want to wait at their start. Begins to measure when called. */
export async function loadProcessMetrics(): Promise<ProcessMetrics> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
