import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { WebSocketServer } from 'ws';
import { AGENT_ADDRESS_ANNOTATION } from '#api/headway/v1/types.ts';
import { ADMIN, type ControlPlane } from './control-plane.ts';

export interface EchoAgent {
  /** Upgrades that are held back while `isHeld`. */
  readonly held: (() => void)[];
  isHeld: boolean;
  readonly open: ReadonlySet<Duplex>;
}

/** A node whose agent takes every stream as a WebSocket and sends back what it gets, and a running pod `echo` on it. */
export async function startEchoAgent(t: Pick<ExecutionContext, 'teardown'>, { pki, server: api }: ControlPlane): Promise<EchoAgent> {
  const { cert, key } = await pki.node('echo', ['127.0.0.1']);
  const server = createServer({ cert, key, ca: pki.ca, requestCert: true });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  const open = new Set<Duplex>();
  const agent: EchoAgent = { held: [], isHeld: false, open };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket));
    const join = (): void => sockets.handleUpgrade(request, socket, head, (channel) => channel.on('message', (data) => channel.send(data)));
    if (agent.isHeld) agent.held.push(join);
    else join();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const call = async (method: 'POST' | 'PATCH', path: string, body: object): Promise<void> => {
    const answer = await api.handle({ method, path, body, ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}) }, ADMIN);
    if (answer.status >= 300 && answer.status !== 409) throw new Error(JSON.stringify(answer.body));
  };
  await call('POST', '/api/v1/nodes', { metadata: { name: 'echo', annotations: { [AGENT_ADDRESS_ANNOTATION]: '127.0.0.1' } } });
  await call('PATCH', '/api/v1/nodes/echo/status', { status: { daemonEndpoints: { kubeletEndpoint: { Port: (server.address() as AddressInfo).port } } } });
  await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  await call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'echo' }, spec: { nodeName: 'echo', containers: [{ name: 'c', image: 'i' }] } });
  return agent;
}
