import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isAuthentic, readDelivery } from './delivery.ts';

export interface WebhookServerOptions {
  /** The token of `/hooks/<namespace>/<name>`; undefined when there is no such webhook. Rejects when it cannot be read now. */
  readonly tokenOf: (key: string) => Promise<string | undefined>;
  readonly onPush: (key: string, refs: readonly string[]) => void;
  /** Somebody who does not know the token, or of a repository that has none. */
  readonly onRefused: (key: string) => void;
}

/** No provider's push event is larger; GitHub cuts at 25 MB what lists thousands of commits, and then sends nothing. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Enough for a body on a slow line. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** Takes webhooks of Git providers over plain HTTP, and tells of pushes. Answers before anything is fetched. */
export function createWebhookServer(options: WebhookServerOptions): Server {
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(request, options).then(
      ({ code, text }) => respond(response, code, text),
      () => respond(response, 503, 'try again'),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

interface Answer {
  readonly code: number;
  readonly text: string;
}

async function answer(request: IncomingMessage, options: WebhookServerOptions): Promise<Answer> {
  const key = keyOf(request.url ?? '');
  if (key === undefined) return { code: 404, text: 'webhooks are at /hooks/<namespace>/<name of the Repository>' };
  if (request.method !== 'POST') return { code: 405, text: 'webhooks are POST' };
  const body = await readBody(request);
  if (body === undefined) return { code: 413, text: `at most ${MAX_BODY_BYTES} bytes` };
  const delivery = { headers: request.headers, body };
  const token = await options.tokenOf(key);
  // A repository that is not there is answered like a wrong token, after the same work.
  if (!isAuthentic(delivery, token || 'none') || !token) {
    options.onRefused(key);
    return { code: 401, text: 'no valid signature or token' };
  }
  const notice = readDelivery(delivery);
  if (notice.type === 'invalid') return { code: 400, text: 'the payload is no JSON object' };
  if (notice.type === 'push') options.onPush(key, notice.refs);
  return notice.type === 'push' ? { code: 202, text: 'accepted' } : { code: 200, text: notice.type === 'ping' ? 'pong' : 'nothing to do' };
}

/** `<namespace>/<name>`, both names of DNS. */
const keyOf = (url: string): string | undefined => /^\/hooks\/([a-z0-9-]{1,63}\/[a-z0-9.-]{1,253})\/?(?:\?.*)?$/.exec(url)?.[1];

/** Undefined when there is more than may be. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function respond(response: ServerResponse, code: number, text: string): void {
  // What is left of a body that was too large is not read.
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...(code === 413 ? { connection: 'close' } : {}), ...(code === 405 ? { allow: 'POST' } : {}) });
  response.end(`${text}\n`);
}
