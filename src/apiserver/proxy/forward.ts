import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { SecureContextOptions } from 'node:tls';
import { httpRequest } from '#base/node-http.ts';
import type { Logger } from '#base/logger.ts';
import { withoutToken } from '../authn/bearer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Tunnel } from './tunnel.ts';

/** A server behind the API server, and what it is asked for. */
export interface Backend {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** Absent for plain HTTP. */
  readonly tls?: SecureContextOptions & { readonly servername?: string; readonly rejectUnauthorized: boolean };
  /** Keeps connections; without one each request has its own. */
  readonly agent?: Agent;
  /** Sent besides those of the client, in the place of the client's own. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Answers that send the client elsewhere are not handed on: it would take them for the API server's own, and follow. */
  readonly rejectsRedirects?: boolean;
  /** Gives a `Location` of the answer the form that leads back through the proxy. */
  readonly relocate?: (location: string) => string;
  /** What the client is told when the server cannot be reached. */
  readonly unreachable: (error: Error) => Error;
}

/** Speak of one connection (RFC 9110, 7.6.1), or of who the client is to the API server: not for others. */
const NOT_FORWARDED = /^(?::.*|host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|http2-settings|authorization|impersonate-.*|x-remote-.*)$/i;
const NOT_RETURNED = /^(?::.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;
const PROTOCOLS = 'sec-websocket-protocol';
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted';
const NO_BODY_STATUSES: ReadonlySet<number> = new Set([204, 304]);

/** Hands a request on and streams the answer back, bodies of any length both ways. @throws what `backend.unreachable` makes of a failure */
export async function forward(exchange: Exchange, backend: Backend, log: Logger): Promise<void> {
  const headers = { ...forwarded(exchange.headers), ...forwardedFor(exchange), ...backend.headers } as OutgoingHttpHeaders;
  const answer = await send(exchange, backend, headers);
  // The client was told meanwhile that it takes too long.
  if (exchange.output.writableEnded) return void answer.destroy();
  if (backend.rejectsRedirects && isRedirect(answer)) return refuseRedirect(exchange, answer);
  const status = answer.statusCode ?? 502;
  exchange.start(status, returned(answer, backend));
  if (exchange.method === 'HEAD' || NO_BODY_STATUSES.has(status)) {
    answer.resume();
    exchange.output.end();
    return;
  }
  // Of a watch nothing may follow for long; HTTP/1.1 would keep the head back until then.
  if ('flushHeaders' in exchange.output) (exchange.output as ServerResponse).flushHeaders();
  try {
    await pipeline(answer, exchange.output);
  } catch (error) {
    // Either side may go away in the middle of a stream; there is nobody left to tell.
    log.debug('a proxied answer ended early', { host: backend.host, port: backend.port, error });
    exchange.destroy();
  }
}

const isRedirect = ({ statusCode = 0, headers }: IncomingMessage): boolean => statusCode >= 300 && statusCode <= 399 && headers.location !== undefined;

function refuseRedirect(exchange: Exchange, answer: IncomingMessage): void {
  answer.destroy();
  exchange.start(502, { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(Buffer.byteLength(REDIRECTED)) });
  exchange.output.end(REDIRECTED);
}

function send(exchange: Exchange, backend: Backend, headers: OutgoingHttpHeaders): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isLong = exchange.headers['content-length'] === undefined;
    const hasBody = !BODILESS.has(exchange.method) || Number(exchange.headers['content-length'] ?? 0) > 0 || exchange.headers['transfer-encoding'] !== undefined;
    // Node would send a body of unknown length with no end in a DELETE.
    const request = open(backend, exchange.method, backend.agent ?? false, hasBody && isLong ? { ...headers, 'transfer-encoding': 'chunked' } : headers, exchange.signal);
    request.on('response', resolve);
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The server may close a kept connection while the request is on its way: nobody has read it then.
      const isStale = !hasBody && request.reusedSocket && error.code === 'ECONNRESET' && !exchange.signal.aborted;
      if (isStale) resolve(send(exchange, backend, headers));
      else reject(backend.unreachable(error));
    });
    if (hasBody) exchange.input.pipe(request);
    else request.end();
  });
}

function open(backend: Backend, method: string, agent: Agent | false, headers: OutgoingHttpHeaders, signal?: AbortSignal): ClientRequest {
  const options = { host: backend.host, port: backend.port, path: backend.path, method, headers: { host: `${bracketed(backend.host)}:${backend.port}`, ...headers }, agent, ...(signal ? { signal } : {}) };
  return backend.protocol === 'https' ? httpsRequest({ ...options, ...backend.tls }) : httpRequest(options);
}

/**
 * Asks the server to change the protocol as the client does, and joins the two connections byte for byte when it does; another answer is
 * handed to the client. @throws what `backend.unreachable` makes of a failure
 */
export function joinUpgrade({ request, client, head, answered }: Tunnel, backend: Backend): Promise<void> {
  const { upgrade = '' } = request.headers;
  const headers = { ...forwardedRaw(request), connection: 'Upgrade', upgrade, ...backend.headers } as OutgoingHttpHeaders;
  if (client.destroyed) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const outgoing = open(backend, request.method ?? 'GET', false, headers);
    client.once('close', () => outgoing.destroy());
    outgoing.on('error', (error) => reject(backend.unreachable(error)));
    outgoing.on('upgrade', (answer, socket, rest) => {
      const end = (): void => {
        socket.destroy();
        client.destroy();
      };
      socket.on('error', end).on('close', () => client.end());
      // Half a connection would last as long as the server behind likes.
      client.on('error', end).on('close', () => (socket as Socket).destroySoon());
      answered(answer.statusCode ?? 101);
      client.write(headOf(answer));
      if (rest.length > 0) client.write(rest);
      if (head.length > 0) socket.write(head);
      socket.pipe(client);
      client.pipe(socket);
      resolve();
    });
    outgoing.on('response', (answer) => {
      answered(answer.statusCode ?? 502);
      client.write(headOf(answer, true));
      pipeline(answer, client).then(resolve, () => client.destroy());
    });
    outgoing.end();
  });
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function forwarded(headers: IncomingHttpHeaders): Record<string, string | readonly string[]> {
  const named = new Set(String(headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
  const result: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !NOT_FORWARDED.test(name) && !named.has(name)) result[name] = value;
  return result;
}

/** With repeated headers as they came: clients offer several subprotocols so. */
function forwardedRaw({ headersDistinct }: IncomingMessage): Record<string, readonly string[]> {
  const kept = Object.entries(headersDistinct).filter(([name, values]) => values !== undefined && !NOT_FORWARDED.test(name));
  return Object.fromEntries(kept.map(([name, values = []]) => [name, name === PROTOCOLS ? values.map(withoutToken) : values]));
}

const forwardedFor = ({ socket, headers }: Exchange): Readonly<Record<string, string>> => {
  const before = headers['x-forwarded-for'];
  const address = socket.remoteAddress ?? '';
  return address === '' ? {} : { 'x-forwarded-for': before === undefined ? address : `${String(before)}, ${address}` };
};

function returned({ headers }: IncomingMessage, { relocate }: Backend): Readonly<Record<string, string | readonly string[]>> {
  const result: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !NOT_RETURNED.test(name)) result[name] = value;
  if (relocate && typeof headers.location === 'string') result['location'] = relocate(headers.location);
  return result;
}

function headOf(answer: IncomingMessage, isLast = false): string {
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] ?? '';
    if (!isLast || !/^(?:connection|transfer-encoding|keep-alive)$/i.test(name)) lines.push(`${name}: ${answer.rawHeaders[i + 1] ?? ''}`);
  }
  return `${[...lines, ...(isLast ? ['Connection: close'] : [])].join('\r\n')}\r\n\r\n`;
}
