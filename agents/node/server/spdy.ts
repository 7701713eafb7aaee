import type { Duplex } from 'node:stream';

/**
 * The client side of SPDY/3.1 as far as Kubernetes streams need it: opening streams, data both ways, half-close, reset and ping.
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/ (the peers, Go's spdystream, keep no flow control windows.)
 */
const VERSION = 0x8003;
const SYN_STREAM = 1;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FLAG_FIN = 0x01;
/** Length is 24 bits; smaller frames keep streams from holding each other up. */
const MAX_DATA = 32 * 1024;
/** zlib header of a stream without preset dictionary: header blocks follow as stored, so none is needed. */
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
/** An empty stored block: zlib's sync flush, at which readers hand over what they have. */
const SYNC_FLUSH = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

export type SpdyFrame =
  | { readonly type: 'data'; readonly streamId: number; readonly data: Buffer; readonly isLast: boolean }
  | { readonly type: 'reset'; readonly streamId: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }
  | { readonly type: 'other' };

/** Splits a byte stream into frames. */
export class SpdyDecoder {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): readonly SpdyFrame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: SpdyFrame[] = [];
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUIntBE(5, 3);
      if (this.#rest.length < 8 + length) break;
      frames.push(frameOf(this.#rest.subarray(0, 8), this.#rest.subarray(8, 8 + length)));
      this.#rest = this.#rest.subarray(8 + length);
    }
    return frames;
  }
}

function frameOf(head: Buffer, body: Buffer): SpdyFrame {
  const isLast = ((head[4] ?? 0) & FLAG_FIN) !== 0;
  if (((head[0] ?? 0) & 0x80) === 0) return { type: 'data', streamId: head.readUInt32BE(0), data: body, isLast };
  switch (head.readUInt16BE(2)) {
    case RST_STREAM: return { type: 'reset', streamId: body.readUInt32BE(0) & 0x7fffffff };
    case PING: return { type: 'ping', id: body.readUInt32BE(0) };
    case GOAWAY: return { type: 'goaway' };
    default: return { type: 'other' };
  }
}

export class SpdyEncoder {
  #isFirstBlock = true;

  synStream(streamId: number, headers: Readonly<Record<string, string>>): Buffer {
    const ids = Buffer.alloc(10);
    ids.writeUInt32BE(streamId, 0);
    return control(SYN_STREAM, Buffer.concat([ids, this.#headerBlock(headers)]));
  }

  /** In as many frames as it needs; an empty buffer with `isLast` closes this side of the stream. */
  data(streamId: number, data: Buffer, isLast = false): Buffer {
    const frames: Buffer[] = [];
    for (let at = 0; at < data.length || at === 0; at += MAX_DATA) {
      const part = data.subarray(at, at + MAX_DATA);
      const head = Buffer.alloc(8);
      head.writeUInt32BE(streamId, 0);
      head.writeUInt8(isLast && at + MAX_DATA >= data.length ? FLAG_FIN : 0, 4);
      head.writeUIntBE(part.length, 5, 3);
      frames.push(head, part);
    }
    return Buffer.concat(frames);
  }

  ping(id: number): Buffer {
    const body = Buffer.alloc(4);
    body.writeUInt32BE(id);
    return control(PING, body);
  }

  /** All header blocks of a connection are one zlib stream; each is one stored block of it. */
  #headerBlock(headers: Readonly<Record<string, string>>): Buffer {
    const entries = Object.entries(headers);
    const plain = Buffer.concat([uint32(entries.length), ...entries.flatMap(([name, value]) => [text(name.toLowerCase()), text(value)])]);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(~plain.length & 0xffff, 3);
    const block = Buffer.concat([...(this.#isFirstBlock ? [ZLIB_HEADER] : []), stored, plain, SYNC_FLUSH]);
    this.#isFirstBlock = false;
    return block;
  }
}

const uint32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
};
const text = (value: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)]);

function control(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

export interface SpdyStreamHandler {
  readonly onData: (data: Buffer) => void;
  /** The peer sends no more on this stream. */
  readonly onEnd: () => void;
}

/** A SPDY connection over an upgraded socket, on which this side opens the streams. */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #encoder = new SpdyEncoder();
  readonly #decoder = new SpdyDecoder();
  readonly #streams = new Map<number, SpdyStreamHandler>();
  #nextId = 1;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    if (head.length > 0) this.#receive(head);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#endAll());
  }

  /** Resolves to the stream's id through its return value; data for it goes to `handler`. */
  open(headers: Readonly<Record<string, string>>, handler: SpdyStreamHandler): number {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#streams.set(id, handler);
    this.#socket.write(this.#encoder.synStream(id, headers));
    return id;
  }

  /** False when the socket is full: wait for `onDrain`. */
  write(streamId: number, data: Buffer, isLast = false): boolean {
    return this.#socket.write(this.#encoder.data(streamId, data, isLast));
  }

  onDrain(resume: () => void): void {
    this.#socket.on('drain', resume);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#decoder.push(chunk)) {
      if (frame.type === 'data') {
        if (frame.data.length > 0) this.#streams.get(frame.streamId)?.onData(frame.data);
        if (frame.isLast) this.#end(frame.streamId);
      } else if (frame.type === 'reset') this.#end(frame.streamId);
      else if (frame.type === 'ping' && frame.id % 2 === 0) this.#socket.write(this.#encoder.ping(frame.id));
      else if (frame.type === 'goaway') this.#endAll();
    }
  }

  #end(streamId: number): void {
    const handler = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    handler?.onEnd();
  }

  #endAll(): void {
    for (const id of [...this.#streams.keys()]) this.#end(id);
  }
}
