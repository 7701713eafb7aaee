import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { HttpError } from './http-error.ts';
import { upgradeToSpdy } from './runtime-upgrade.ts';
import { SpdyConnection } from './spdy.ts';

export interface WebSocketRequest {
  /** URL of the runtime's stream. */
  readonly target: string;
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean };
  readonly isPortForward: boolean;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** First byte of each message of the channel protocols. */
const CHANNELS = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
type Channel = keyof typeof CHANNELS;
/** v5 only: closes the channel that the next byte names. */
const CLOSE_CHANNEL = 255;
const CHANNEL_PROTOCOLS: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const TUNNEL_PROTOCOLS: readonly string[] = ['SPDY/3.1+portforward.k8s.io', 'v2.portforward.k8s.io'];
/** Version 4 has the exit status as JSON on the error stream, which versions 4 and 5 of the WebSocket protocol pass on. */
const RUNTIME_EXEC_PROTOCOL = 'v4.channel.k8s.io';
const RUNTIME_PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';
/** A slower reader holds the runtime back from here on. */
const MAX_BUFFERED = 1024 * 1024;

export const isWebSocket = (request: IncomingMessage): boolean => (request.headers.upgrade ?? '').toLowerCase() === 'websocket';

/** exec and attach: channels become SPDY streams. port-forward: the messages are SPDY bytes already. Throws {@link HttpError}. */
export async function serveWebSocket(options: WebSocketRequest): Promise<void> {
  const offered = (options.request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const protocol = (options.isPortForward ? TUNNEL_PROTOCOLS : CHANNEL_PROTOCOLS).find((p) => offered.includes(p));
  if (protocol === undefined) throw new HttpError(400, `unable to negotiate a WebSocket protocol; offered: ${offered.join(', ')}`);
  const upstream = await upgradeToSpdy(options.target, options.isPortForward ? RUNTIME_PORT_FORWARD_PROTOCOL : RUNTIME_EXEC_PROTOCOL);
  const socket = await accept(options, protocol);
  if (options.isPortForward) tunnel(socket, upstream.socket, upstream.head);
  else joinChannels(socket, new SpdyConnection(upstream.socket, upstream.head), options.streams);
}

function accept({ request, socket, head }: WebSocketRequest, protocol: string): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  // ws takes a slash in a protocol's name for an error, so the choice is kept from it and told to the client by hand.
  delete request.headers['sec-websocket-protocol'];
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}

function tunnel(socket: WebSocket, upstream: Duplex, head: Buffer): void {
  if (head.length > 0) socket.send(head);
  upstream.on('data', (chunk: Buffer) => send(socket, chunk, upstream));
  upstream.on('close', () => socket.close(1000)).on('error', () => socket.terminate());
  socket.on('message', (data) => {
    if (upstream.write(bytesOf(data))) return;
    socket.pause();
    upstream.once('drain', () => socket.resume());
  });
  socket.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
}

function joinChannels(socket: WebSocket, spdy: SpdyConnection, streams: WebSocketRequest['streams']): void {
  const ids = new Map<number, number>();
  const wanted: readonly (readonly [Channel, boolean])[] = [
    ['error', true], ['stdin', streams.stdin], ['stdout', streams.stdout], ['stderr', streams.stderr && !streams.tty], ['resize', streams.tty],
  ];
  const open = new Set<Channel>(wanted.filter(([name, isWanted]) => isWanted && (name === 'error' || name === 'stdout' || name === 'stderr')).map(([name]) => name));
  for (const [name, isWanted] of wanted) {
    if (!isWanted) continue;
    ids.set(CHANNELS[name], spdy.open({ streamtype: name }, {
      onData: (data) => send(socket, Buffer.concat([Buffer.from([CHANNELS[name]]), data]), spdy),
      onEnd: () => {
        // The exit status comes last: when all that the runtime sends has ended, so has the session.
        if (open.delete(name) && open.size === 0) finish(socket, spdy);
      },
    }));
  }
  spdy.onDrain(() => socket.resume());
  socket.on('message', (raw) => {
    const data = bytesOf(raw);
    const isClose = data[0] === CLOSE_CHANNEL;
    const id = ids.get((isClose ? data[1] : data[0]) ?? -1);
    if (id === undefined) return;
    if (!spdy.write(id, isClose ? Buffer.alloc(0) : data.subarray(1), isClose)) socket.pause();
  });
  socket.on('close', () => spdy.close()).on('error', () => spdy.close());
}

function finish(socket: WebSocket, spdy: SpdyConnection): void {
  socket.close(1000);
  spdy.close();
}

interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

function send(socket: WebSocket, data: Buffer, source: Pausable): void {
  socket.send(data, { binary: true }, () => {
    if (socket.bufferedAmount <= MAX_BUFFERED) source.resume();
  });
  if (socket.bufferedAmount > MAX_BUFFERED) source.pause();
}

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data));
