import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { badRequest } from '#api/status-error.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import { authorize } from '../authz/authorize.ts';
import type { Environment } from '../environment.ts';
import type { Connector } from '../proxy/connector.ts';
import type { Tunnel } from '../proxy/tunnel.ts';
import type { ActiveRequest } from '../requests/active-request.ts';
import { toStatus } from '../to-status.ts';
import { headersOf } from './exchange.ts';
import type { HttpHandler, Identifiable } from './http-handler.ts';
import { HttpOrigin, timedOut } from './request-origin.ts';

export interface UpgradeOptions {
  readonly env: Environment;
  readonly handler: HttpHandler;
  readonly proxy: Connector;
  readonly aggregator: Aggregator;
}

/** Streams to what runs in a pod, and proxies, which pass on whatever the client and the program behind them agree on. */
const STREAM = /^\/+api\/.*\/(?:exec|attach|portforward)(?:\/|$)/;
const PROXY = /^\/+api\/.*\/proxy(?:\/|$)/;

/** Whether a connection may become another: a watch as a WebSocket, a stream, what runs behind a proxy or an extension API server. */
export function mayUpgrade({ apiServices }: Pick<Environment, 'apiServices'>, { url = '/', headers }: Pick<IncomingMessage, 'url' | 'headers'>): boolean {
  const [path = '/', search = ''] = url.split('?');
  const protocol = headers.upgrade?.toLowerCase() ?? '';
  if (protocol === 'websocket' && (path.includes('/watch/') || search.includes('watch'))) return true;
  if (STREAM.test(path) && (protocol === 'websocket' || protocol.startsWith('spdy/'))) return true;
  return PROXY.test(path) || (apiServices.hasRemotes && apiServices.resolve('GET', path, {}) !== undefined);
}

/**
 * A connection that asks to change its protocol: a watch over a WebSocket, exec, attach and port-forward to a node, and what runs behind a
 * proxy. It passes what every request passes, and holds a seat until it is joined. Failures are answered as a Status. Resolves once an answer is on its way.
 */
export async function upgrade({ env, handler, proxy, aggregator }: UpgradeOptions, request: IncomingMessage, client: TLSSocket, head: Buffer): Promise<void> {
  const { requests } = env;
  client.on('error', () => client.destroy());
  if (request.headers.upgrade?.toLowerCase() === 'websocket' && (await handler.asksToWatch(request.url ?? '/'))) {
    const { SocketExchange } = await import('./socket-exchange.ts');
    return handler.handle(new SocketExchange(request, client, head));
  }
  const asked = askedOf(request, client);
  const active = requests.begin(new HttpOrigin(asked, () => refuse(client, active, timedOut())));
  // Whatever becomes of it, it is over when the connection is.
  if (client.destroyed) requests.finish(active);
  else client.once('close', () => requests.finish(active));
  const tunnel: Tunnel = {
    request, client, head,
    answered: (status) => {
      active.answered(status, {});
      requests.longRunning(active, () => client.destroy());
    },
  };
  try {
    const { info, user, query, search } = await handler.identify(asked, active);
    if (info.type !== 'resource') throw badRequest('this path cannot be upgraded');
    authorize(env, { info, user, query, audit: active.annotate });
    // A WebSocket always starts with GET; to run commands takes the right to create, however the stream is opened.
    if (!info.remote && info.subresource !== 'proxy') authorize(env, { info: { ...info, verb: 'create' }, user, query });
    await requests.admit(active, query);
    if (active.isOver) return;
    await (info.remote ? aggregator.tunnel(tunnel, info.remote, user) : proxy.tunnel(tunnel, { info, user, search }));
  } catch (error) {
    refuse(client, active, error);
  }
}

const askedOf = (request: IncomingMessage, socket: TLSSocket): Identifiable => ({
  method: request.method ?? 'GET', url: request.url ?? '/', ...headersOf(request), socket,
  get signal() {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    return gone.signal;
  },
});

/** Unless the client has its answer. */
function refuse(client: TLSSocket, active: ActiveRequest, error: unknown): void {
  if (active.code > 0 || client.destroyed) return;
  const status = toStatus(error);
  const { code = 500, reason = 'Error', details } = status;
  active.answerValue = () => status;
  if (details?.retryAfterSeconds) active.retryAfter = details.retryAfterSeconds;
  active.answered(code, {});
  const body = JSON.stringify(status);
  const headers: Record<string, string> = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  active.addHeaders(headers);
  client.end(`HTTP/1.1 ${code} ${reason}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  // A client that does not end its side would keep the connection.
  client.destroySoon();
}
