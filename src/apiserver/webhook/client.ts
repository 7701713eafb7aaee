import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '#base/clock.ts';
import { caBundleProblem } from '#api/certificates/ca-bundle.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { type ClientConfig, redirected, targetOf, TargetProblem, type WebhookTarget } from './target.ts';
import { textOf } from './answer-text.ts';
import { dialText } from './dial-text.ts';
import { parseAnswer } from './parse-answer.ts';
import { type Refusal, refusalText } from './refusal-text.ts';

/** A webhook gave no answer that can be read. The message is Go's, as users know it from Kubernetes; failure policies decide what follows. */
export class WebhookCallError extends HeadwayError<{ readonly url: string; readonly kind: 'config' | 'unreachable' | 'timeout' | 'refused' | 'answer' }> {
  readonly code = 'webhook-call';
  readonly isRetryable = true;
}

export interface WebhookCall {
  readonly config: ClientConfig;
  /** Sent as JSON. */
  readonly body: unknown;
  /** Whole milliseconds until the call fails, connection included. */
  readonly timeoutMs: number;
  /** The request that waits for the answer went away. */
  readonly signal?: AbortSignal;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** The others are followed without the review, as browsers do. */
const KEEPS_REVIEW: ReadonlySet<number> = new Set([307, 308]);
const MAX_REDIRECTS = 10;
/** Client-go takes what comes after for a failure, though HTTP does not. */
const LAST_SUCCESS = 206;
/** Kept connections that are not used so long are closed; servers close theirs after a minute or more. */
const IDLE_MS = 30_000;

/** Calls webhooks over HTTPS, and keeps the connections. One for all webhooks of a server; safe for concurrent use. */
export class WebhookCaller {
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  /** Connections are told apart by address, server name and authority. */
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  #turn = 0;

  constructor(options: { readonly cache: WatchCache; readonly clock: Clock }) {
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  /** POSTs the review; resolves to the decoded object of an answer that tells of success. @throws WebhookCallError */
  async call({ config, body, timeoutMs, signal }: WebhookCall): Promise<unknown> {
    const target = this.#target(config, timeoutMs);
    const deadline = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => deadline.abort());
    try {
      const any = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
      const { status, contentType, text } = await this.#post(target, config.caBundle, Buffer.from(JSON.stringify(body)), any);
      if (status < 200 || status > LAST_SUCCESS) throw failure(target, 'refused', refusalText({ status, contentType, text }));
      if (text === '') throw failure(target, 'answer', `0-length response with status code: ${status} and content type: ${contentType ?? ''}`);
      return parse(target, text);
    } catch (error) {
      if (error instanceof WebhookCallError) throw error;
      if (deadline.signal.aborted) throw failure(target, 'timeout', posted(target, 'context deadline exceeded'), error);
      const fault = config.caBundle ? caBundleProblem(config.caBundle) : undefined;
      throw fault === undefined ? failure(target, 'unreachable', posted(target, dialText(target, asError(error))), error) : failure(target, 'config', fault, error);
    } finally {
      cancel();
    }
  }

  /** Ends the kept connections. */
  close(): void {
    this.#agent.destroy();
  }

  #target(config: ClientConfig, timeoutMs: number): WebhookTarget {
    try {
      return targetOf(this.#cache, config, timeoutMs, (count) => this.#turn++ % count);
    } catch (error) {
      if (error instanceof TargetProblem) throw new WebhookCallError(error.message, { url: config.url ?? '', kind: 'unreachable' });
      throw error;
    }
  }

  async #post(target: WebhookTarget, caBundle: string | undefined, body: Buffer, signal: AbortSignal): Promise<Refusal> {
    let at = target;
    let review: Buffer | undefined = body;
    let answer = await this.#send(at, caBundle, review, signal);
    for (let i = 0; i < MAX_REDIRECTS && REDIRECTS.has(answer.statusCode ?? 0) && answer.headers.location !== undefined; i++) {
      answer.resume();
      if (!KEEPS_REVIEW.has(answer.statusCode ?? 0)) review = undefined;
      at = redirected(at, answer.headers.location);
      answer = await this.#send(at, caBundle, review, signal);
    }
    return { status: answer.statusCode ?? 0, contentType: answer.headers['content-type'], text: await readText(target, answer, signal) };
  }

  /** Without a review it asks with GET. */
  #send(target: WebhookTarget, caBundle: string | undefined, review: Buffer | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest({
        host: target.host, port: target.port, path: target.path, method: review ? 'POST' : 'GET', agent: this.#agent, signal, ...tlsOf(target, caBundle),
        headers: { host: `${target.serverName}:${target.port}`, 'content-type': 'application/json', accept: 'application/json, */*', ...(review ? { 'content-length': review.length } : {}), 'user-agent': 'kube-apiserver-admission' },
      }, resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server may close a kept connection while the request is on its way: nobody has read it then.
        const isStale = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
        if (isStale) resolve(this.#send(target, caBundle, review, signal));
        else reject(error);
      });
      request.end(review);
    });
  }
}

/** An empty bundle means the authorities of the system. Addresses have no SNI. */
function tlsOf({ serverName }: WebhookTarget, caBundle: string | undefined): object {
  const ca = Buffer.from(caBundle ?? '', 'base64').toString();
  return { servername: isIP(serverName) === 0 ? serverName : '', ...(ca === '' ? {} : { ca }) };
}

async function readText(target: WebhookTarget, answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  try {
    return await textOf(answer);
  } catch (error) {
    if (signal.aborted) throw error;
    const { code, message } = asError(error) as NodeJS.ErrnoException;
    throw failure(target, 'answer', `unexpected error when reading response body. Please retry. Original error: ${code === 'ECONNRESET' ? 'unexpected EOF' : message}`, error);
  }
}

function parse(target: WebhookTarget, text: string): unknown {
  try {
    return parseAnswer(text);
  } catch (error) {
    throw failure(target, 'answer', asError(error).message, error);
  }
}

const failure = (target: WebhookTarget, kind: WebhookCallError['data']['kind'], message: string, cause?: unknown): WebhookCallError =>
  new WebhookCallError(message, { url: target.url, kind }, { cause });
const posted = (target: WebhookTarget, why: string): string => `Post ${JSON.stringify(target.url)}: ${why}`;
