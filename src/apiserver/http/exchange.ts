import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type IncomingHttpHeaders as Http2Headers, type ServerHttp2Stream } from 'node:http2';
import type { Readable, Writable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { MAX_BODY_BYTES } from '#api/parse.ts';
import { StatusError } from '#api/status-error.ts';

/** One request and its answer, over HTTP/1.1 or HTTP/2 alike. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: TLSSocket;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly output: Writable;
  /** The body as it arrives, for those who do not want it whole. */
  readonly input: Readable;
  body(): Promise<Buffer>;
  /** Sends the head; the body follows on `output`. */
  start(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void;
  /** Bytes that the client has not taken yet. */
  backlog(): number;
  destroy(): void;
}

export function http1Exchange(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, socket: request.socket as TLSSocket, output: response, input: request,
    signal: closeSignal(response), body: () => readBody(request, request.headers),
    start: (status, headers) => void response.writeHead(status, headers as Record<string, string | string[]>),
    backlog: () => response.writableLength, destroy: () => void request.socket.destroy(),
  };
}

/** A class, because its methods are made once and not for every request. */
export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Http2Headers;
  readonly socket: TLSSocket;
  readonly output: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, headers: Http2Headers) {
    this.method = headers[':method'] ?? 'GET';
    this.url = headers[':path'] ?? '/';
    this.headers = headers;
    this.socket = stream.session?.socket as TLSSocket;
    this.output = stream;
  }

  get input(): Readable {
    return this.output;
  }

  get signal(): AbortSignal {
    return closeSignal(this.output);
  }

  body(): Promise<Buffer> {
    return readBody(this.output, this.headers);
  }

  start(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void {
    if (!this.output.destroyed && !this.output.headersSent) this.output.respond({ ':status': status, ...(headers as Record<string, string>) });
  }

  backlog(): number {
    return this.output.writableLength;
  }

  destroy(): void {
    this.output.close(constants.NGHTTP2_CANCEL);
  }
}

function closeSignal(output: Writable): AbortSignal {
  const controller = new AbortController();
  if (output.destroyed) controller.abort();
  else output.once('close', () => controller.abort());
  return controller.signal;
}

/** @throws StatusError RequestEntityTooLarge */
async function readBody(input: Readable, headers: IncomingHttpHeaders): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const bytes = await collect(input);
  return headers['content-encoding'] === 'gzip' ? unzip(bytes) : bytes;
}

/** By events: an async iterator costs a small write a tenth of its time. */
function collect(input: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const onClose = (): void => {
      if (!input.readableEnded) reject(new Error('the client went away'));
    };
    input.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) reject(tooLarge());
      else chunks.push(chunk);
    });
    input.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length)));
    input.once('error', reject);
    if (input.destroyed) onClose();
    else input.once('close', onClose);
  });
}

async function unzip(bytes: Buffer): Promise<Buffer> {
  const { gunzipSync } = await import('node:zlib');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    throw new StatusError('BadRequest', `the body cannot be decompressed: ${String(error)}`, { cause: error });
  }
}

const tooLarge = (): StatusError => new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
