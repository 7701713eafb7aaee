import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { httpRequest } from '#base/node-http.ts';
import type { AgentServerOptions } from './agent-server-options.ts';
import { findRunning } from './find-container.ts';
import { HttpError } from './http-error.ts';
import { isWebSocket, serveWebSocket } from './websocket-streams.ts';

const CONNECT_TIMEOUT_MS = 30_000;

/** /exec, /attach and /portForward: the runtime's own streaming server does the work, this pipes to it. */
export async function serveStream(options: AgentServerOptions, url: URL, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const target = await streamUrl(options, url);
  if (isWebSocket(request)) return serveWebSocket({ target, request, socket, head, streams: wantedStreams(url), isPortForward: url.pathname.startsWith('/portForward/') });
  pipeUpgrade(target, request, socket, head);
}

/** `/exec/{namespace}/{pod}[/{uid}]/{container}`, `/attach/...` alike, `/portForward/{namespace}/{pod}[/{uid}]`. */
async function streamUrl(options: AgentServerOptions, url: URL): Promise<string> {
  const [, route = '', namespace = '', name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const { runtime, manager } = options;
  if (route === 'portForward') {
    const pod = manager.find(namespace, name, rest[0]);
    if (!pod) throw new HttpError(404, `pod "${name}" not found`);
    const sandbox = (await runtime.listSandboxes(pod.metadata.uid)).find((s) => s.isReady);
    if (!sandbox) throw new HttpError(400, `pod "${name}" has no running sandbox`);
    const ports = [...url.searchParams.getAll('port'), ...url.searchParams.getAll('ports')].map(Number);
    return runtime.portForwardUrl({ podSandboxId: sandbox.id, port: ports });
  }
  const uid = rest.length > 1 ? rest[0] : undefined;
  const instance = await findRunning(options, { namespace, name, uid, container: rest.at(-1) ?? '' });
  const streams = wantedStreams(url);
  if (!streams.stdin && !streams.stdout && !streams.stderr) throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr');
  const request = { containerId: instance.id, tty: streams.tty, stdin: streams.stdin, stdout: streams.stdout, stderr: streams.stderr && !streams.tty };
  return route === 'exec' ? runtime.execUrl({ ...request, cmd: url.searchParams.getAll('command') }) : runtime.attachUrl(request);
}

/** As API clients name them, and as the kubelet's callers do. */
export function wantedStreams(url: URL): { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean } {
  const has = (...names: readonly string[]): boolean => names.some((name) => ['1', 'true'].includes(url.searchParams.get(name) ?? ''));
  return { stdin: has('stdin', 'input'), stdout: has('stdout', 'output'), stderr: has('stderr', 'error'), tty: has('tty') };
}

/** The client speaks what the runtime speaks (SPDY/3.1): both ends are joined and the bytes left alone. */
function pipeUpgrade(target: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { host: _host, ...headers } = request.headers;
  const upstream = httpRequest(target, { method: request.method ?? 'POST', headers, agent: false });
  upstream.setTimeout(CONNECT_TIMEOUT_MS, () => upstream.destroy(new Error('the runtime did not answer')));
  upstream.on('upgrade', (response, peer, rest) => {
    upstream.setTimeout(0);
    const lines = [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`];
    for (let i = 0; i < response.rawHeaders.length; i += 2) lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (rest.length > 0) socket.write(rest);
    if (head.length > 0) peer.write(head);
    peer.on('error', () => socket.destroy());
    socket.on('error', () => peer.destroy()).on('close', () => peer.destroy());
    peer.pipe(socket);
    socket.pipe(peer);
  });
  upstream.on('response', (response) => {
    socket.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\nconnection: close\r\n\r\n`);
    response.pipe(socket);
  });
  upstream.on('error', (error) => socket.end(`HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n${error.message}`));
  upstream.end();
}
