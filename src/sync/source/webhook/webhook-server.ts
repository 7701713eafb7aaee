import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Delivery, isAuthentic, isSigned, readDelivery } from './delivery.ts';
import type { WebhookOutcome } from './webhook-metrics.ts';

export interface WebhookServerOptions {
  /** The token of `/hooks/<namespace>/<name>`; undefined when there is no such webhook. Rejects when it cannot be read now. */
  readonly tokenOf: (key: string) => Promise<string | undefined>;
  readonly onPush: (key: string, refs: readonly string[]) => void;
  /** Somebody who does not know the token, or of a repository that has none. */
  readonly onRefused: (key: string) => void;
  /** Told of each request, as it is answered. */
  readonly onAnswer: (outcome: WebhookOutcome) => void;
}

/** No provider's push event is larger; GitHub cuts at 25 MB what lists thousands of commits, and then sends nothing. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Enough for a body on a slow line. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;
/** Bodies that are held at once, of all requests together: nobody is known yet when a body is read. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Takes webhooks of Git providers over plain HTTP, and tells of pushes. Answers before anything is fetched. */
export function createWebhookServer(options: WebhookServerOptions): Server {
  const { createServer } = process.getBuiltinModule('node:http');
  const bodies = new Bodies();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request, { ...options, bodies }).catch((): Answer => ({ code: 503, outcome: 'Unavailable', text: 'try again' })).then((result) => {
      options.onAnswer(result.outcome);
      respond(response, result);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

interface Answer {
  readonly code: number;
  readonly outcome: WebhookOutcome;
  readonly text: string;
}

const ANSWERS = {
  unknownPath: { code: 404, outcome: 'NotFound', text: 'webhooks are at /hooks/<namespace>/<name of the Repository>' },
  notPost: { code: 405, outcome: 'NotFound', text: 'webhooks are POST' },
  tooLarge: { code: 413, outcome: 'TooLarge', text: `at most ${MAX_BODY_BYTES} bytes` },
  busy: { code: 503, outcome: 'Busy', text: 'too many requests at once; try again' },
  forged: { code: 401, outcome: 'Unauthenticated', text: 'no valid signature or token' },
  invalid: { code: 400, outcome: 'Invalid', text: 'the payload is no JSON object' },
  push: { code: 202, outcome: 'Push', text: 'accepted' },
  ping: { code: 200, outcome: 'Ping', text: 'pong' },
  other: { code: 200, outcome: 'Ignored', text: 'nothing to do' },
} as const satisfies Readonly<Record<string, Answer>>;

async function answer(request: IncomingMessage, options: WebhookServerOptions & { readonly bodies: Bodies }): Promise<Answer> {
  const key = keyOf(request.url ?? '');
  if (key === undefined) return ANSWERS.unknownPath;
  if (request.method !== 'POST') return ANSWERS.notPost;
  // Whoever shows nothing is refused before the body is read, for whichever repository.
  if (!isSigned(request.headers)) return refuse(key, options);
  return options.bodies.read(request, (body) => judge(key, { headers: request.headers, body }, options));
}

/** Nothing of the body is looked into before its sender is known. */
async function judge(key: string, delivery: Delivery, options: WebhookServerOptions): Promise<Answer> {
  const token = await options.tokenOf(key);
  // A repository that is not there is answered like a wrong token, after the same work.
  if (!isAuthentic(delivery, token || 'none') || !token) return refuse(key, options);
  const notice = readDelivery(delivery);
  if (notice.type === 'push') options.onPush(key, notice.refs);
  return ANSWERS[notice.type];
}

function refuse(key: string, { onRefused }: WebhookServerOptions): Answer {
  onRefused(key);
  return ANSWERS.forged;
}

/** `<namespace>/<name>`, both names of DNS. */
const keyOf = (url: string): string | undefined => /^\/hooks\/([a-z0-9-]{1,63}\/[a-z0-9.-]{1,253})\/?(?:\?.*)?$/.exec(url)?.[1];

/** Reads bodies, and holds no more of them at once than {@link MAX_HELD_BYTES}. */
class Bodies {
  #held = 0;

  async read(request: IncomingMessage, use: (body: Buffer) => Promise<Answer>): Promise<Answer> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return ANSWERS.tooLarge;
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        this.#held += chunk.length;
        if (size > MAX_BODY_BYTES) return ANSWERS.tooLarge;
        if (this.#held > MAX_HELD_BYTES) return ANSWERS.busy;
        chunks.push(chunk);
      }
      return await use(Buffer.concat(chunks));
    } finally {
      this.#held -= size;
    }
  }
}

function respond(response: ServerResponse, { code, text }: Answer): void {
  // What is left of a body that is not wanted is not read.
  const headers = { ...(code === 413 || code === 503 ? { connection: 'close' } : {}), ...(code === 405 ? { allow: 'POST' } : {}), ...(code === 503 ? { 'retry-after': '1' } : {}) };
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(`${text}\n`);
}
