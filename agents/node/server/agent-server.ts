import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { asError } from '#base/errors.ts';
import { isRuntimeError } from '../runtime/runtime-error.ts';
import type { AgentServerOptions } from './agent-server-options.ts';
import { HttpError } from './http-error.ts';
import { serveLogs } from './logs-route.ts';
import { serveStats } from './stats-route.ts';
import { serveStream } from './stream-route.ts';

export interface AgentServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Who may call: the API server, and people who may do anything. */
const CALLER = 'kube-apiserver';
const CALLER_GROUPS: readonly string[] = ['system:masters', 'headway:apiservers'];

const STREAM_ROUTES = /^\/(exec|attach|portForward)\//;

/** The node's HTTPS server: logs, exec, attach, port-forward, pods, stats. The API server is its only client. */
export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const { cert, key, clientCa, log } = options;
  const server = createServer({ cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true });
  const sockets = new Set<Socket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  server.on('request', (request, response) => void answer(options, request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    void upgrade(options, request, socket, head).catch((error: unknown) => {
      log.debug('stream failed', { path: request.url, error });
      socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, options.host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }),
  };
}

function authorize(request: IncomingMessage): void {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  // Node's types leave out that a subject may name several organizations.
  const groups = [subject?.O as string | readonly string[] | undefined].flat();
  if (subject?.CN !== CALLER && !groups.some((g) => g !== undefined && CALLER_GROUPS.includes(g))) throw new HttpError(403, 'this certificate may not use the node agent');
}

async function answer(options: AgentServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://agent');
  try {
    authorize(request);
    if (url.pathname === '/healthz') response.end('ok');
    else if (url.pathname === '/pods') sendJson(response, { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: options.manager.pods() });
    else if (url.pathname === '/stats/summary') sendJson(response, await serveStats(options));
    else if (url.pathname.startsWith('/containerLogs/')) await serveLogs(options, url, response);
    else throw new HttpError(STREAM_ROUTES.test(url.pathname) ? 400 : 404, STREAM_ROUTES.test(url.pathname) ? 'Upgrade request required' : 'not found');
  } catch (thrown) {
    const { data: { httpCode: code }, message } = httpErrorOf(thrown);
    if (response.headersSent) response.destroy();
    else response.writeHead(code, { 'content-type': 'text/plain' }).end(message);
  }
}

async function upgrade(options: AgentServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  try {
    authorize(request);
    const url = new URL(request.url ?? '/', 'https://agent');
    if (!STREAM_ROUTES.test(url.pathname)) throw new HttpError(404, 'not found');
    await serveStream(options, url, request, socket, head);
  } catch (thrown) {
    const { data: { httpCode: code }, message } = httpErrorOf(thrown);
    socket.end(`HTTP/1.1 ${code} Error\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(message)}\r\nconnection: close\r\n\r\n${message}`);
  }
}

function httpErrorOf(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
  return new HttpError(isRuntimeError(thrown) ? 502 : 500, asError(thrown).message);
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
