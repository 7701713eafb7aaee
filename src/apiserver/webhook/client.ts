import { parseExactJson } from '#api/exact-json.ts';
import { jsonFault } from '#api/json-fault.ts';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '#base/clock.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { type ClientConfig, targetOf, TargetProblem, type WebhookTarget } from './target.ts';
import { textOf } from './answer-text.ts';

/** A webhook gave no answer that can be read. The message is Go's, as users know it from Kubernetes; failure policies decide what follows. */
export class WebhookCallError extends HeadwayError<{ readonly url: string; readonly kind: 'unreachable' | 'timeout' | 'refused' | 'answer' }> {
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

  /** POSTs the review; resolves to the decoded JSON of a 2xx answer. @throws WebhookCallError */
  async call({ config, body, timeoutMs, signal }: WebhookCall): Promise<unknown> {
    const target = this.#target(config, timeoutMs);
    const deadline = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => deadline.abort());
    try {
      const any = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
      const { status, text } = await this.#post(target, config.caBundle, Buffer.from(JSON.stringify(body)), any);
      if (status < 200 || status > 299) throw failure(target, 'refused', refusalText(status, text));
      return parse(target, text);
    } catch (error) {
      if (error instanceof WebhookCallError) throw error;
      throw deadline.signal.aborted ? failure(target, 'timeout', posted(target, 'context deadline exceeded'), error) : failure(target, 'unreachable', posted(target, dialText(target, asError(error))), error);
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

  async #post(target: WebhookTarget, caBundle: string | undefined, body: Buffer, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#send(target, caBundle, body, signal);
    return { status: answer.statusCode ?? 0, text: await textOf(answer) };
  }

  #send(target: WebhookTarget, caBundle: string | undefined, body: Buffer, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest({
        host: target.host, port: target.port, path: target.path, method: 'POST', agent: this.#agent, signal, ...tlsOf(target, caBundle),
        headers: { host: `${target.serverName}:${target.port}`, 'content-type': 'application/json', accept: 'application/json', 'content-length': body.length, 'user-agent': 'kube-apiserver-admission' },
      }, resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server may close a kept connection while the request is on its way: nobody has read it then.
        const isStale = request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted;
        if (isStale) resolve(this.#send(target, caBundle, body, signal));
        else reject(error);
      });
      request.end(body);
    });
  }
}

/** An empty bundle, or one of white space, means the authorities of the system. Addresses have no SNI. */
function tlsOf({ serverName }: WebhookTarget, caBundle: string | undefined): object {
  const ca = Buffer.from(caBundle ?? '', 'base64').toString().trim();
  return { servername: isIP(serverName) === 0 ? serverName : '', ...(ca === '' ? {} : { ca }) };
}

function parse(target: WebhookTarget, text: string): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    throw failure(target, 'answer', `couldn't get version/kind; json parse error: ${jsonFault(text) ?? asError(error).message}`, error);
  }
}

const failure = (target: WebhookTarget, kind: 'unreachable' | 'timeout' | 'refused' | 'answer', message: string, cause?: unknown): WebhookCallError =>
  new WebhookCallError(message, { url: target.url, kind }, { cause });
const posted = (target: WebhookTarget, why: string): string => `Post ${JSON.stringify(target.url)}: ${why}`;

const REFUSALS: Readonly<Record<number, string>> = {
  401: 'the server has asked for the client to provide credentials', 403: 'forbidden', 404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource', 409: 'the server reported a conflict',
  429: 'the server has received too many requests and has asked us to try again later', 503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** In the words of client-go for answers that are no Status. */
function refusalText(status: number, body: string): string {
  const known = REFUSALS[status];
  if (known !== undefined) return known;
  if (status >= 500) return `an error on the server (${JSON.stringify(body.trim() || 'unknown')}) has prevented the request from succeeding`;
  return status === 400 ? 'the server rejected our request for an unknown reason' : `the server responded with the status code ${status} but did not return more information`;
}

/** In the words of Go's dialer and TLS, which people look for. */
export function dialText({ host, port }: Pick<WebhookTarget, 'host' | 'port'>, error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const dial = `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (code) {
    case 'ECONNREFUSED': return `${dial}: connect: connection refused`;
    case 'EHOSTUNREACH': return `${dial}: connect: no route to host`;
    case 'ENETUNREACH': return `${dial}: connect: network is unreachable`;
    case 'ETIMEDOUT': return `${dial}: i/o timeout`;
    case 'ENOTFOUND': return `dial tcp: lookup ${host}: no such host`;
    case 'ECONNRESET': return 'EOF';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': case 'SELF_SIGNED_CERT_IN_CHAIN': case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE': case 'UNABLE_TO_GET_ISSUER_CERT': case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    case 'CERT_HAS_EXPIRED': case 'CERT_NOT_YET_VALID': return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID': return `tls: failed to verify certificate: x509: ${error.message}`;
    default: return error.message;
  }
}
