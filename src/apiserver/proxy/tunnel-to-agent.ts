import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import type { AgentTarget, AgentTls } from './agent-target.ts';

export interface TunnelOptions {
  readonly target: AgentTarget;
  /** At the agent, with query. */
  readonly path: string;
  readonly tls: AgentTls;
  /** The client's upgrade request, already authenticated and authorized. */
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client sent behind its request. */
  readonly head: Buffer;
}

/** What the client may not hand on: the agent authenticates the API server, not the user. */
const WITHHELD = new Set(['authorization', 'host', 'cookie']);
const isWithheld = (name: string): boolean => WITHHELD.has(name) || name.startsWith('impersonate-') || name.startsWith('x-remote-');

/**
 * Joins a client's upgraded connection with one to a node agent and passes bytes both ways, whatever the protocol
 * (WebSocket or SPDY). An answer that is no upgrade goes to the client as it is. Either end closing closes the other.
 */
export function tunnelToAgent({ target, path, tls, request: incoming, socket, head }: TunnelOptions): void {
  const call = request({ ...target, ...tls, agent: false, method: incoming.method, path, headers: forwardedHeaders(incoming) });
  const abandon = (): void => void call.destroy();
  socket.once('close', abandon);
  socket.once('error', abandon);
  call.once('upgrade', (answer, agentSocket, agentHead) => {
    socket.write(responseHead(answer));
    if (agentHead.length > 0) socket.write(agentHead);
    if (head.length > 0) agentSocket.write(head);
    // Errors of either side end both: pipeline destroys its streams, and a closed peer is no fault of ours.
    pipeline(agentSocket, socket, () => agentSocket.destroy());
    pipeline(socket, agentSocket, () => socket.destroy());
  });
  call.once('response', (answer) => {
    socket.write(responseHead(answer));
    pipeline(answer, socket, () => socket.destroy());
  });
  call.once('error', (cause) => {
    if (!socket.writable) return;
    const message = `the agent at ${target.host}:${target.port} cannot be reached: ${cause.message}\n`;
    socket.end(`HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`);
  });
  call.end();
}

function forwardedHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(incoming.headers).filter(([name, value]) => value !== undefined && !isWithheld(name)));
}

function responseHead(answer: IncomingMessage): string {
  const { rawHeaders } = answer;
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    // The body passes through decoded, so its framing is the connection's end.
    if (rawHeaders[i]?.toLowerCase() !== 'transfer-encoding') lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  if (answer.statusCode !== 101) lines.push('Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n`;
}
