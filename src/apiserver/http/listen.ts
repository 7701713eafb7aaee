import { createSecureServer, type Http2SecureServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '#base/logger.ts';
import type { Pki } from '../pki/pki.ts';
import { http1Exchange, Http2Exchange, type Exchange } from './exchange.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly pki: Pick<Pki, 'ca' | 'serving' | 'frontProxy'>;
  readonly log: Logger;
  handle(exchange: Exchange): Promise<void>;
  /** HTTP/1.1 connections that change protocol: WebSocket, SPDY. */
  upgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Lists of thousands of objects pass in few round trips. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const MAX_STREAMS = 1_000;
/** MB of answers that wait for one client. Node's own bound of 10 refuses the third list of 4 MB that a connection asks for at once. */
const MAX_SESSION_MEMORY = 512;

/** Serves HTTP/2 and HTTP/1.1 on one TLS port. Client certificates are asked for and not required. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { pki } = options;
  const server = createSecureServer({
    allowHTTP1: true, cert: pki.serving.cert, key: pki.serving.key, ca: [pki.ca, pki.frontProxy.ca], requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2', maxSessionMemory: MAX_SESSION_MEMORY,
    settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: MAX_STREAMS, enableConnectProtocol: false },
  });
  const connections = serve(server, options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server, connections) };
}

function serve(server: Http2SecureServer, options: ListenOptions): { readonly sockets: Set<Duplex>; readonly sessions: Set<ServerHttp2Session> } {
  const sockets = new Set<Duplex>();
  const sessions = new Set<ServerHttp2Session>();
  server.on('request', (request: unknown, response: unknown) => void options.handle(http1Exchange(request as IncomingMessage, response as ServerResponse)));
  // A `request` listener makes Node wrap HTTP/2 streams as HTTP/1 messages, which costs a third of the speed; streams are taken as they are.
  server.removeAllListeners('stream');
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: readonly string[]) => {
    stream.on('error', (error) => options.log.debug('stream failed', { error }));
    void options.handle(new Http2Exchange(stream, headers, rawHeaders));
  });
  server.on('upgrade', (request: IncomingMessage, socket: TLSSocket, head: Buffer) => options.upgrade(request, socket, head));
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(WINDOW_BYTES);
    session.on('error', (error) => options.log.debug('session failed', { error }));
    session.once('close', () => sessions.delete(session));
  });
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    options.log.debug('TLS handshake failed', { error });
    socket.destroy();
  });
  return { sockets, sessions };
}

async function close(server: Http2SecureServer, { sockets, sessions }: ReturnType<typeof serve>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of sessions) session.destroy();
  for (const socket of sockets) socket.destroy();
  await closed;
}
