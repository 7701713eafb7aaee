import { createServer, type ServerResponse } from 'node:http';
import { ServerMetrics } from '#apiserver/metrics/server-metrics.ts';
import { asError } from '#base/errors.ts';
import type { MetricsWriter } from '#base/exposition.ts';
import { UsageError } from '../usage-error.ts';

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

export interface MetricsServerOptions {
  readonly address: MetricsAddress;
  /** Asked at each question, as a part may come and go with its lease. */
  readonly metrics: readonly MetricsWriter[];
  readonly signal: AbortSignal;
}

/** `/metrics` and `/healthz` of a part that runs alone, until the signal aborts. Resolves when they are served. @throws UsageError when the port cannot be opened */
export async function serveMetrics({ address: { host, port }, metrics, signal }: MetricsServerOptions): Promise<void> {
  const told = new ServerMetrics(metrics);
  const server = createServer((request, response) => {
    if (request.url === '/healthz') return answer(response, { text: 'ok' });
    if (request.url !== '/metrics') return answer(response, { status: 404, text: 'there are /metrics and /healthz' });
    told.text().then((shown) => answer(response, shown), (error: unknown) => answer(response, { status: 500, text: asError(error).message }));
  });
  signal.addEventListener('abort', () => server.close().closeAllConnections(), { once: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new UsageError(`--metrics-port ${port}: ${error.message}`, { cause: error })));
    server.listen(port, host, resolve);
  });
}

function answer(response: ServerResponse, { status = 200, contentType = 'text/plain; charset=utf-8', text }: { readonly status?: number; readonly contentType?: string; readonly text: string }): void {
  response.writeHead(status, { 'content-type': contentType }).end(text);
}
