import type { IncomingMessage } from 'node:http';
import { HeadwayError } from '#base/errors.ts';
import { redactCredentials } from '../source/git-command.ts';

export interface WebRequest {
  /** `https://…`, or `http://…` where people want that. */
  readonly url: string;
  /** Default `GET`. */
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the authorities that are trusted, in the place of the usual ones. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
  /** Until the whole answer is there. */
  readonly timeoutMs: number;
  /** Of the answer's body; a larger one is an error. */
  readonly maxBytes: number;
  /** Default 0: a redirection is an answer like any other. No credentials go to another origin. */
  readonly maxRedirects?: number;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are looked up, in capitals or not. Default: those of the process. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * One request over HTTP, by the proxies of the environment: what `fetch` does, which looks at no proxy and takes no authorities.
 * @throws WebError when there is no whole answer; the signal's reason when aborted
 */
export async function webRequest(request: WebRequest): Promise<WebAnswer> {
  const { signal, timeoutMs } = request;
  signal.throwIfAborted();
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await follow({ ...request, signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw new WebError(`no answer within ${timeoutMs / 1000} s`);
    throw error instanceof WebError ? error : new WebError(wordsOf(error), { cause: error });
  }
}

/** There is no whole answer. Messages hold no credentials. */
export class WebError extends HeadwayError {
  readonly code = 'web-request';
  readonly isRetryable = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, {}, options);
  }
}

async function follow(request: WebRequest): Promise<WebAnswer> {
  const answer = await exchange(request);
  const { maxRedirects = 0, url, headers } = request;
  const location = answer.headers.get('location');
  if (maxRedirects === 0 || location === null || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
  const next = new URL(location, url);
  if (url.startsWith('https:') && next.protocol !== 'https:') throw new WebError(`a redirection leads from https to ${next.protocol.slice(0, -1)}`);
  const isElsewhere = next.origin !== new URL(url).origin;
  const kept = isElsewhere ? Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization')) : headers;
  return follow({ ...request, url: next.href, headers: kept, maxRedirects: maxRedirects - 1 });
}

async function exchange({ url, method = 'GET', headers, body, ca, signal, maxBytes, environment = process.env }: WebRequest): Promise<WebAnswer> {
  const { request, Agent } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  const agent = new Agent({ proxyEnv: environment });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { method, agent, headers: { 'user-agent': 'headway', ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, signal, ...(ca ? { ca } : {}) }, resolve).once('error', reject).end(body);
    });
    return { status: response.statusCode ?? 0, headers: headersOf(response), body: await readBody(response, maxBytes) };
  } finally {
    agent.destroy();
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new WebError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const headersOf = ({ headersDistinct }: IncomingMessage): Headers => new Headers(Object.entries(headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])));

/** A connection that is tried at several addresses fails with an error of errors, whose own message is empty. */
function wordsOf(error: unknown): string {
  const first = error instanceof AggregateError && error.message === '' ? (error.errors as readonly unknown[])[0] : error;
  return redactCredentials(first instanceof Error ? first.message : String(first));
}
