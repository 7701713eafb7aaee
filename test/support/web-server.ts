import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';

type Test = Pick<ExecutionContext, 'teardown'>;

/** A plain HTTP server on the loopback; its URL. */
export const startHttpServer = async (t: Test, listener: RequestListener): Promise<string> => `http://127.0.0.1:${await listen(t, createHttpServer(listener))}`;

export interface HttpsServer {
  readonly url: string;
  /** PEM of the authority that signed its certificate, which is for `web.test` too. */
  readonly ca: string;
}

export async function startHttpsServer(t: Test, listener: RequestListener): Promise<HttpsServer> {
  const authority = await makeAuthority('web authority', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'web', dnsNames: ['web.test'], ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  return { url: `https://127.0.0.1:${await listen(t, createHttpsServer(pair, listener))}`, ca: authority.cert };
}

export interface WebProxy {
  readonly url: string;
  /** `CONNECT host:port credentials`, or `GET url`. */
  readonly asked: readonly string[];
}

/** Tunnels whatever host is asked for to a port of this machine, and answers plain requests itself. */
export async function startProxy(t: Test, port: number): Promise<WebProxy> {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('by proxy');
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    const target = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const one of [target, socket]) one.on('error', () => undefined);
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, asked };
}

async function listen(t: Test, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
