import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AgentServerOptions } from './agent-server-options.ts';
import { HttpError } from './http-error.ts';
import { readLog } from './log-reader.ts';
import { findContainer } from './find-container.ts';

/** GET /containerLogs/{namespace}/{pod}/{container} with the query of the API's `log` subresource. */
export async function serveLogs(options: AgentServerOptions, url: URL, response: ServerResponse): Promise<void> {
  const [, , namespace = '', name = '', container = ''] = url.pathname.split('/').map(decodeURIComponent);
  const query = url.searchParams;
  const { instance, isRunning } = await findContainer(options, { namespace, name, container, isPrevious: query.get('previous') === 'true' });
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  const lines = readLog(instance.logPath, {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    tailLines: whole(query, 'tailLines'),
    limitBytes: whole(query, 'limitBytes'),
    sinceMs: since(query, options.clock.now()),
    stream: streamOf(query.get('stream')),
    isRunning, signal: abort.signal,
  });
  // Only now: a query that cannot be read has been refused.
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  for await (const line of lines) {
    if (abort.signal.aborted) return;
    if (!response.write(line)) await once(response, 'drain', { signal: abort.signal }).catch(() => undefined);
  }
  response.end();
}

function whole(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw new HttpError(400, `${name} must be a whole number`);
  return Number(text);
}

function since(query: URLSearchParams, now: number): number | undefined {
  const seconds = whole(query, 'sinceSeconds');
  if (seconds !== undefined) return now - seconds * 1000;
  const time = query.get('sinceTime');
  if (time === null) return undefined;
  const at = Date.parse(time);
  if (Number.isNaN(at)) throw new HttpError(400, 'sinceTime must be an RFC 3339 time');
  return at;
}

function streamOf(text: string | null): 'stdout' | 'stderr' | undefined {
  if (text === null || text === 'All') return undefined;
  if (text === 'Stdout' || text === 'Stderr') return text.toLowerCase() as 'stdout' | 'stderr';
  throw new HttpError(400, 'stream must be All, Stdout or Stderr');
}
