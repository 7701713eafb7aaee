import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type IncomingHttpHeaders as Http2Headers, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Readable, Writable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { MAX_BODY_BYTES, tooLarge } from '#api/parse.ts';
import { StatusError } from '#api/status-error.ts';

export interface RequestHeaders {
  readonly headers: IncomingHttpHeaders;
  /** Every value of a header (in lower case) as it was sent; `headers` joins them with commas, which may be part of a value. */
  values(name: string): readonly string[];
  /** Whether there is a header whose name begins so. */
  hasPrefixed(prefix: string): boolean;
}

/** Is told of the head of the answer, and adds to it. */
export interface AnswerObserver {
  /** Adds its own headers to those of the answer. */
  addHeaders(headers: Record<string, unknown>): void;
  answered(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void;
}

/** One request and its answer, over HTTP/1.1 or HTTP/2 alike. */
export interface Exchange extends RequestHeaders {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly socket: TLSSocket;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly output: Writable;
  /** The body as it arrives, for those who do not want it whole. */
  readonly input: Readable;
  body(): Promise<Buffer>;
  observe(observer: AnswerObserver): void;
  /** Sends the head; the body follows on `output`. */
  start(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void;
  /** Bytes that the client has not taken yet. */
  backlog(): number;
  destroy(): void;
  /** Has the client ask for no more on this connection once the head is sent, where it can be told. */
  goAway?(): void;
  /** Takes what the client still sends, so that it reads the answer, and then ends with it. */
  discardBody(): void;
}

export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  let observer: AnswerObserver | undefined;
  return {
    method: request.method ?? 'GET', url: request.url ?? '/', ...headersOf(request), socket: request.socket as TLSSocket, output: response, input: request,
    get signal() {
      return closeSignal(response);
    },
    body: () => readBody(request, request.headers),
    observe: (by) => {
      observer = by;
    },
    start: (status, headers) => {
      if (response.destroyed || response.headersSent) return;
      observer?.answered(status, headers);
      const all = { ...headers };
      observer?.addHeaders(all);
      response.writeHead(status, all as Record<string, string | string[]>);
    },
    backlog: () => response.writableLength, destroy: () => void request.socket.destroy(), discardBody: () => discard(request, () => request.socket.destroySoon()),
  };
}

/** Those of a request over HTTP/1.1. */
export const headersOf = (request: IncomingMessage): RequestHeaders =>
  ({ headers: request.headers, values: (name) => request.headersDistinct[name] ?? [], hasPrefixed: (prefix) => Object.keys(request.headers).some((name) => name.startsWith(prefix)) });

/** A class, because its methods are made once and not for every request. */
export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Http2Headers;
  readonly socket: TLSSocket;
  readonly output: ServerHttp2Stream;
  readonly #rawHeaders: readonly string[];
  #observer: AnswerObserver | undefined;
  #isLast = false;

  constructor(stream: ServerHttp2Stream, headers: Http2Headers, rawHeaders: readonly string[]) {
    this.method = headers[':method'] ?? 'GET';
    this.url = headers[':path'] ?? '/';
    this.headers = headers;
    this.socket = stream.session?.socket as TLSSocket;
    this.output = stream;
    this.#rawHeaders = rawHeaders;
  }

  values(name: string): readonly string[] {
    return this.#rawHeaders.filter((_, i) => i % 2 === 1 && this.#rawHeaders[i - 1] === name);
  }

  /** By the list as it was sent: to go through the names of `headers`, which has no fixed shape, takes longer than all else that is asked of them. */
  hasPrefixed(prefix: string): boolean {
    for (let i = 0; i < this.#rawHeaders.length; i += 2) if (this.#rawHeaders[i]?.startsWith(prefix)) return true;
    return false;
  }

  get input(): Readable {
    return this.output;
  }

  get signal(): AbortSignal {
    return closeSignal(this.output);
  }

  body(): Promise<Buffer> {
    return readBody(this.output, this.headers, (last) => this.#keep(last));
  }

  /**
   * Node ends a stream whose body was read to its end before the answer is written to the socket, and leaves what belongs to it to the collector then. Of
   * a body that is there one byte is given back until the answer is out.
   */
  #keep(last: Buffer): void {
    this.output.pause();
    this.output.unshift(last.subarray(-1));
    this.output.once('finish', () => this.output.resume());
  }

  start(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void {
    if (this.output.destroyed || this.output.headersSent) return;
    this.#observer?.answered(status, headers);
    const all: OutgoingHttpHeaders = { ':status': status, ...headers };
    this.#observer?.addHeaders(all);
    this.output.respond(inTurn(all));
    // What is open on it goes on.
    if (this.#isLast) this.output.session?.close();
  }

  observe(observer: AnswerObserver): void {
    this.#observer = observer;
  }

  backlog(): number {
    return this.output.writableLength;
  }

  goAway(): void {
    this.#isLast = true;
  }

  destroy(): void {
    this.output.close(constants.NGHTTP2_CANCEL);
  }

  /** RFC 9113, 8.1: after a full answer, NO_ERROR asks the client to send no more. */
  discardBody(): void {
    discard(this.output, () => this.output.close(constants.NGHTTP2_NO_ERROR));
  }
}

/** Names and values in turn: Node sends a list as it is, and copies an object first. */
function inTurn(headers: OutgoingHttpHeaders): readonly string[] {
  const list: unknown[] = [];
  for (const name in headers) list.push(name, headers[name]);
  return list as readonly string[];
}

/** Made once: an abort without a reason makes an error with its stack each time. */
const GONE = new Error('the client went away');

function closeSignal(output: Writable): AbortSignal {
  const controller = new AbortController();
  if (output.destroyed) controller.abort(GONE);
  else output.once('close', () => controller.abort(GONE));
  return controller.signal;
}

/** `onLast` is called with the last part of a body whose length is known. @throws StatusError RequestEntityTooLarge */
function readBody(input: Readable, headers: IncomingHttpHeaders, onLast?: (part: Buffer) => void): Promise<Buffer> {
  const length = Number(headers['content-length'] ?? 0);
  if (length > MAX_BODY_BYTES) return Promise.reject(tooLarge());
  const bytes = collect(input, onLast && { length, onLast });
  return headers['content-encoding'] === 'gzip' ? bytes.then(unzip) : bytes;
}

/** By events: an async iterator costs a small write a tenth of its time. */
function collect(input: Readable, expected?: { readonly length: number; onLast(part: Buffer): void }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const whole = (): void => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length));
    const onClose = (): void => {
      if (!input.readableEnded) reject(GONE);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) {
        chunks.length = 0;
        reject(tooLarge());
      }
      else chunks.push(chunk);
      if (length !== expected?.length) return;
      input.off('data', onData);
      expected.onLast(chunk);
      whole();
    };
    input.on('data', onData);
    input.once('end', whole);
    input.once('error', reject);
    if (input.destroyed) onClose();
    else input.once('close', onClose);
  });
}

/** A client that only reads when it has sent everything gets so long. */
const DISCARD_MS = 5_000;

function discard(input: Readable, end: () => void): void {
  const timer = setTimeout(end, DISCARD_MS).unref();
  input.once('close', () => clearTimeout(timer));
  input.once('end', () => {
    clearTimeout(timer);
    end();
  });
  input.resume();
}

async function unzip(bytes: Buffer): Promise<Buffer> {
  const { gunzipSync } = await import('node:zlib');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    throw new StatusError('BadRequest', `the body cannot be decompressed: ${String(error)}`, { cause: error });
  }
}
