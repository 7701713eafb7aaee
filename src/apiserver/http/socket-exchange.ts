import type { IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { WebSocketServer, type WebSocket } from 'ws';
import { STATUS_CODES } from '#base/node-http.ts';
import { withoutToken } from '../authn/bearer.ts';
import type { AnswerObserver, Exchange } from './exchange.ts';

/** Watchers have nothing to say. */
const MAX_MESSAGE_BYTES = 1024;
const NEWLINE = 0x0a;
const LENGTH_BYTES = 4;

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** A request for a watch that asks for a WebSocket: the socket is opened with the watch, and each event is a message; a failure is answered over HTTP. */
export class SocketExchange implements Exchange {
  readonly method = 'GET';
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly socket: TLSSocket;
  readonly output: Writable;
  readonly #request: IncomingMessage;
  readonly #head: Buffer;
  readonly #closed = new AbortController();
  #observer: AnswerObserver | undefined;
  #webSocket: WebSocket | undefined;
  #isText = true;

  constructor(request: IncomingMessage, socket: TLSSocket, head: Buffer) {
    this.#request = request;
    this.#head = head;
    this.url = request.url ?? '/';
    this.headers = request.headers;
    this.socket = socket;
    this.output = new Writable({ write: (chunk: Buffer, _encoding, done) => this.#write(chunk, done), final: (done) => this.#end(done), destroy: (error, done) => this.#cut(error, done) });
    this.output.on('error', () => socket.destroy());
    socket.once('close', () => this.#closed.abort());
  }

  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  get input(): IncomingMessage {
    return this.#request;
  }

  values(name: string): readonly string[] {
    return this.#request.headersDistinct[name] ?? [];
  }

  hasPrefixed(prefix: string): boolean {
    return Object.keys(this.headers).some((name) => name.startsWith(prefix));
  }

  async body(): Promise<Buffer> {
    return Buffer.alloc(0);
  }

  observe(observer: AnswerObserver): void {
    this.#observer = observer;
  }

  start(status: number, headers: Headers): void {
    if (this.#webSocket !== undefined || this.socket.destroyed) return;
    this.#observer?.answered(status, headers);
    if (status !== 200) {
      const all = { ...headers };
      this.#observer?.addHeaders(all);
      return this.#refuse(status, all);
    }
    this.#isText = !String(headers['content-type']).includes('protobuf');
    this.#open();
  }

  backlog(): number {
    return this.#webSocket?.bufferedAmount ?? 0;
  }

  destroy(): void {
    this.output.destroy();
  }

  discardBody(): void {
    this.socket.destroySoon();
  }

  #refuse(status: number, headers: Headers): void {
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((text) => `${name}: ${text}\r\n`));
    this.socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}connection: close\r\n\r\n`);
  }

  #open(): void {
    const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
    const protocols = withoutToken(this.#request.headers['sec-websocket-protocol'] ?? '');
    if (protocols === '') delete this.#request.headers['sec-websocket-protocol'];
    else this.#request.headers['sec-websocket-protocol'] = protocols;
    // Without a check of its own the server opens the socket at once; a request that is no right one it answers itself.
    server.handleUpgrade(this.#request, this.socket, this.#head, (webSocket) => {
      this.#webSocket = webSocket;
      webSocket.on('error', () => webSocket.terminate());
      webSocket.once('close', () => this.#closed.abort());
    });
  }

  #write(chunk: Buffer, done: () => void): void {
    const { signal } = this.#closed;
    if (signal.aborted) return done();
    if (this.#webSocket === undefined) this.socket.write(chunk);
    else for (const message of this.#isText ? lines(chunk) : frames(chunk)) this.#webSocket.send(message, { binary: !this.#isText });
    done();
  }

  #end(done: () => void): void {
    if (this.#webSocket === undefined) this.socket.end();
    else this.#webSocket.close(1000);
    done();
  }

  #cut(error: Error | null, done: (error: Error | null) => void): void {
    if (error !== null || !this.output.writableFinished) this.socket.destroy();
    done(error);
  }
}

/** Events in JSON end with the only line break that they have. */
function* lines(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length;) {
    const end = chunk.indexOf(NEWLINE, start);
    const next = end < 0 ? chunk.length : end + 1;
    yield chunk.subarray(start, next);
    start = next;
  }
}

/** Messages say themselves how long they are, so that the length before each event goes. */
function* frames(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start + LENGTH_BYTES <= chunk.length;) {
    const end = start + LENGTH_BYTES + chunk.readUInt32BE(start);
    yield chunk.subarray(start + LENGTH_BYTES, end);
    start = end;
  }
}
