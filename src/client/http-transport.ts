import { constants, type ClientHttp2Stream } from 'node:http2';
import { systemClock, type Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiRequest, WatchEvent } from '#api/transport.ts';
import { ApiUnreachableError } from './errors.ts';
import { chunksOf, openExchange, readResponse, type OpenResponse } from './http-exchange.ts';
import { Http2Connection } from './http2-connection.ts';
import { jsonLines } from './json-lines.ts';
import { answeredStatus } from './answered-status.ts';
import { AnswerParser } from './parse-answer.ts';
import type { Transport } from './transport.ts';

export interface HttpTransportOptions {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string | Buffer;
  /** PEM client certificate and key; or a bearer token, asked for at each call so that it may be renewed. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly token?: () => string;
  readonly userAgent: string;
  /** For a whole call, or the head of a watch. Default 30000. */
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** All calls and watches share one HTTP/2 session, which is opened again after it was lost. */
export function httpTransport(options: HttpTransportOptions): Transport {
  const { server, ca, cert, key, userAgent, clock = systemClock, random = Math.random, requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS } = options;
  const answers = new AnswerParser();
  const connection = new Http2Connection({ server, ca, ...(cert ? { cert } : {}), ...(key ? { key } : {}), clock, random });

  const open = async (request: ApiRequest, signal: AbortSignal): Promise<OpenResponse> => {
    const headers = { userAgent, token: options.token?.() };
    const session = await raceAbort(connection.session(), signal);
    try {
      return await openExchange(session, request, headers, signal);
    } catch (error) {
      if (signal.aborted || !wasRefused(error)) throw error;
      return openExchange(await raceAbort(connection.session(), signal), request, headers, signal);
    }
  };

  const withDeadline = async <R>(request: ApiRequest, work: (signal: AbortSignal) => Promise<R>): Promise<R> => {
    const deadline = new AbortController();
    const cancel = clock.after(requestTimeoutMs, () => deadline.abort(new ApiUnreachableError(server, `no answer within ${requestTimeoutMs} ms`)));
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    try {
      return await work(signal);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw unreachable(server, error);
    } finally {
      cancel();
    }
  };

  return {
    request: (request) => withDeadline(request, async (signal) => readResponse(await open(request, signal), answers)),
    async *watch(request) {
      let stream: ClientHttp2Stream | undefined;
      try {
        const response = await withDeadline(request, (signal) => open(request, signal));
        stream = response.stream;
        if (response.status !== 200) return yield refusal((await readResponse(response, answers)).body, response.status);
        for await (const event of jsonLines(chunksOf(stream), answers)) yield event as WatchEvent;
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error(`the watch was cut off (code ${stream.rstCode})`);
      } catch (error) {
        if (request.signal?.aborted) return;
        throw unreachable(server, error);
      } finally {
        stream?.close(constants.NGHTTP2_CANCEL);
      }
    },
    close: () => connection.close(),
  };
}

function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The server says that it did not look at the request (it is shutting down), or the session ended before it was sent. */
function wasRefused(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION' || message?.includes('NGHTTP2_REFUSED_STREAM') === true;
}

const unreachable = (server: string, error: unknown): Error =>
  error instanceof ApiUnreachableError || error instanceof StatusError ? error : new ApiUnreachableError(server, asError(error).message, { cause: error });

const refusal = (body: unknown, code: number): WatchEvent => ({ type: 'ERROR', object: answeredStatus(code, body) as unknown as KubeObject });
