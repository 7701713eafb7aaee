import { createSecureServer, type Http2SecureServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '#base/logger.ts';
import type { Pki } from '../pki/pki.ts';
import { answerBroken } from './broken-request.ts';
import { http1Exchange, Http2Exchange, type Exchange } from './exchange.ts';
import { HTTP1_LIMITS, type Http1Limits, LIMITS, STALL_INTERVAL_MS, WINDOW_BYTES } from './limits.ts';
import { lookAtAnswer, lookAtSession, StalledConnections } from './stalled-connections.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly pki: Pick<Pki, 'ca' | 'serving' | 'frontProxy'>;
  readonly log: Logger;
  handle(exchange: Exchange): void | Promise<void>;
  /** Whether an HTTP/1.1 connection may change its protocol, as it asks to; of all others the wish is overheard, as RFC 9110 (7.8) allows. */
  mayUpgrade(request: IncomingMessage): boolean;
  /** HTTP/1.1 connections that change protocol: WebSocket, SPDY. */
  upgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): Promise<void>;
  /** In the place of the usual ones. */
  readonly http1Limits?: Partial<Http1Limits> | undefined;
  /** Between two looks at each connection, of which two or three find that its client takes nothing and end it. Default 60000. */
  readonly stallIntervalMs?: number | undefined;
  /** What requests in progress get when the server ends. Default 5000. */
  readonly graceMs?: number | undefined;
}

export interface Listener {
  readonly port: number;
  /** Takes no more connections and requests, lets those in progress end, and cuts off what is left after some seconds. */
  close(): Promise<void>;
}

const DEFAULT_GRACE_MS = 5_000;

/** Serves HTTP/2 and HTTP/1.1 on one TLS port. Client certificates are asked for and not required. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { pki, graceMs = DEFAULT_GRACE_MS } = options;
  const server = createSecureServer({ ...LIMITS, allowHTTP1: true, cert: pki.serving.cert, key: pki.serving.key, ca: [pki.ca, pki.frontProxy.ca], requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
  Object.assign(server, HTTP1_LIMITS, options.http1Limits, { shouldUpgradeCallback: (request: IncomingMessage) => options.mayUpgrade(inOriginForm(request)) });
  const connections = serve(server, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server, connections, graceMs) };
}

interface Connections {
  readonly sockets: Set<Duplex>;
  readonly sessions: Set<ServerHttp2Session>;
  /** HTTP/1.1 connections with a request in progress. */
  readonly busy: Map<Duplex, Pick<ServerResponse, 'headersSent' | 'writableEnded' | 'writableFinished'>>;
  isClosing: boolean;
}

function serve(server: Http2SecureServer, options: ListenOptions): Connections {
  const connections: Connections = { sockets: new Set(), sessions: new Set(), busy: new Map(), isClosing: false };
  const { sockets, sessions, busy } = connections;
  const stalled = new StalledConnections(options.stallIntervalMs ?? STALL_INTERVAL_MS);
  server.on('request', (request: unknown, response: unknown) => {
    const answer = response as ServerResponse;
    const { socket } = request as IncomingMessage;
    busy.set(socket, answer);
    answer.once('close', () => {
      // A client may ask for more before it has the answer.
      if (busy.get(socket) !== answer) return;
      busy.delete(socket);
      // No further request comes in on it.
      if (connections.isClosing) (socket as TLSSocket).destroySoon();
    });
    void options.handle(http1Exchange(inOriginForm(request as IncomingMessage), answer));
  });
  server.on('clientError', (error: Error, socket: Duplex) => answerBroken(error, socket, busy.get(socket)?.headersSent === true));
  // A `request` listener makes Node wrap HTTP/2 streams as HTTP/1 messages, which costs a third of the speed; streams are taken as they are.
  server.removeAllListeners('stream');
  const onStreamError = (error: Error): void => options.log.debug('stream failed', { error });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: readonly string[]) => {
    stream.on('error', onStreamError);
    void options.handle(new Http2Exchange(stream, headers, rawHeaders));
  });
  server.on('upgrade', (request: IncomingMessage, socket: TLSSocket, head: Buffer) => {
    busy.set(socket, { headersSent: false, writableEnded: false, writableFinished: false });
    void options.upgrade(inOriginForm(request), socket, head).finally(() => busy.delete(socket));
  });
  // A session shows its socket through a proxy that cannot be destroyed; it begins in the same turn as its connection.
  let begun: ServerHttp2Session | undefined;
  server.on('session', (session) => {
    begun = session;
    sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('error', (error) => options.log.debug('session failed', { error }));
    session.once('close', () => sessions.delete(session));
  });
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      // Answers whose turn has not come are not told of it.
      busy.delete(socket);
    });
    stalled.add(socket, begun ? lookAtSession(begun, socket) : lookAtAnswer(() => busy.get(socket)));
    begun = undefined;
  });
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    options.log.debug('TLS handshake failed', { error });
    socket.destroy();
  });
  return connections;
}

/** Clients that take the server for a proxy name it in the target: RFC 9112 (3.2.2) has servers accept that. */
function inOriginForm(request: IncomingMessage): IncomingMessage {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(request.url ?? '') ?? [];
  if (rest !== undefined) request.url = rest.startsWith('/') ? rest : `/${rest}`;
  return request;
}

async function close(server: Http2SecureServer, connections: Connections, graceMs: number): Promise<void> {
  const { sockets, sessions, busy } = connections;
  connections.isClosing = true;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const ofSessions = new Set([...sessions].map((session) => session.socket as Duplex | undefined));
  // GOAWAY: streams that are open may end, new ones go elsewhere.
  for (const session of sessions) session.close();
  for (const socket of sockets) if (!busy.has(socket) && !isOfSession(socket, ofSessions)) socket.destroy();
  const cut = setTimeout(() => {
    for (const session of sessions) session.destroy();
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}

/** A session shows its socket through a proxy, so the two are told apart by their ports. */
function isOfSession(socket: Duplex, ofSessions: ReadonlySet<Duplex | undefined>): boolean {
  const port = (socket as TLSSocket).remotePort;
  return [...ofSessions].some((other) => (other as TLSSocket | undefined)?.remotePort === port);
}
