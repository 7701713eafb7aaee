import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { authorize } from '../authz/authorize.ts';
import { badRequest } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import type { Aggregator } from '../aggregator/aggregator.ts';
import type { Connector } from '../proxy/connector.ts';
import { toStatus } from '../to-status.ts';
import type { HttpHandler } from './http-handler.ts';
import { SocketExchange } from './socket-exchange.ts';

export interface UpgradeOptions {
  readonly env: Environment;
  readonly handler: HttpHandler;
  readonly proxy: Connector;
  readonly aggregator: Aggregator;
}

/** A connection that asks to change its protocol: a watch over a WebSocket, exec, attach and port-forward to a node. Failures are answered as a Status. */
export async function upgrade(options: UpgradeOptions, request: IncomingMessage, socket: TLSSocket, head: Buffer): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const { info, user, query, search } = await options.handler.identify({ method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, values: (name) => request.headersDistinct[name] ?? [], socket });
    if (info.type !== 'resource') throw badRequest('this path cannot be upgraded');
    if (info.verb === 'watch' && !info.remote) return await options.handler.handle(new SocketExchange(request, socket, head));
    authorize(options.env, { info, user, query });
    if (info.remote) return await options.aggregator.tunnel(request, socket, head, info.remote, user);
    // A WebSocket always starts with GET; to run commands takes the right to create, however the stream is opened.
    if (info.subresource !== 'proxy') authorize(options.env, { info: { ...info, verb: 'create' }, user, query });
    await options.proxy.tunnel(request, socket, head, { info, user, search });
  } catch (error) {
    const status = toStatus(error);
    const body = JSON.stringify(status);
    const { code = 500 } = status;
    socket.end(`HTTP/1.1 ${code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  }
}
