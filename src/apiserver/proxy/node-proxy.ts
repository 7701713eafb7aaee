import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { IncomingMessage } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { asError } from '#base/errors.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import { withoutToken } from '../authn/bearer.ts';
import type { Environment } from '../environment.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourceInfo } from '../request-info.ts';
import { agentTarget, type AgentTarget, logTarget } from './agent-target.ts';
import { checkLogOptions } from './log-options.ts';
import type { Tunnel } from './tunnel.ts';

const STREAMS: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward']);
/** Only the API server speaks for the user to an agent. */
const NOT_FORWARDED = /^(?:host|authorization|impersonate-.*|x-remote-.*|origin)$/i;
const PROTOCOLS = /^sec-websocket-protocol$/i;
const CONNECT_TIMEOUT_MS = 10_000;
/** No reason that an agent gives is longer. */
const MAX_REFUSAL_LENGTH = 50_000;

/** Hands requests that a node agent answers on to it, with the API server's own certificate. */
export class NodeProxy {
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  serves(subresource: string): boolean {
    return STREAMS.has(subresource);
  }

  /** Plain HTTP: logs. @throws StatusError */
  async forward(exchange: Exchange, info: ResourceInfo, search: string): Promise<void> {
    if (info.subresource !== 'log') {
      await agentTarget(this.#env, info, search);
      throw badRequest('Upgrade request required');
    }
    checkLogOptions(info.name, search);
    const target = await logTarget(this.#env, info, search);
    if (target === undefined) {
      exchange.start(204, { 'cache-control': 'no-cache, private' });
      return void exchange.output.end();
    }
    const answer = await this.#get(target, exchange.signal);
    if (answer.statusCode !== 200) throw await refusalOf(answer);
    const { 'content-type': contentType = 'text/plain' } = answer.headers;
    exchange.start(200, { 'content-type': contentType, 'cache-control': 'no-cache, private' });
    try {
      await pipeline(answer, exchange.output);
    } catch (error) {
      // Either side may go away in the middle of a stream; there is nobody left to tell.
      this.#env.log.debug('log stream ended early', { node: target.node, error });
    }
  }

  /** Joins an upgraded connection with one to the agent, byte for byte: WebSocket and SPDY alike. @throws StatusError */
  async tunnel({ request, client, head, answered }: Tunnel, info: ResourceInfo, search: string): Promise<void> {
    if (info.subresource === 'log' || !STREAMS.has(info.subresource)) throw badRequest('this resource cannot be upgraded');
    const target = await agentTarget(this.#env, info, search);
    const agent = await this.#connect(target);
    if (client.destroyed) return void agent.destroy();
    agent.once('data', (start: Buffer) => answered(statusIn(start)));
    agent.write(requestHead(request, target));
    if (head.length > 0) agent.write(head);
    const end = (): void => {
      agent.destroy();
      client.destroy();
    };
    agent.on('error', end).on('close', () => client.end());
    // Half a connection would last as long as the agent likes.
    client.on('error', end).on('close', () => agent.destroySoon());
    agent.pipe(client);
    client.pipe(agent);
  }

  #get(target: AgentTarget, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest({ ...this.#tls(target), path: target.path, method: 'GET', agent: false, signal }, resolve);
      request.on('error', (error) => reject(unreachable(target, error)));
      request.end();
    });
  }

  #connect(target: AgentTarget): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.#tls(target), ALPNProtocols: ['http/1.1'] });
      const timer = this.#env.clock.after(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('connect timed out')));
      socket.once('secureConnect', () => {
        timer();
        socket.setNoDelay(true);
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error) => {
        timer();
        reject(unreachable(target, error));
      });
    });
  }

  #tls(target: AgentTarget) {
    const { ca, agentClient } = this.#env.pki;
    // The agent's certificate names its node, whatever address it is reached at.
    return { host: target.host, port: target.port, servername: target.node, ca, cert: agentClient.cert, key: agentClient.key };
  }
}

const unreachable = (target: AgentTarget, cause: unknown): StatusError =>
  new StatusError('InternalError', `Internal error occurred: error dialing node ${target.node} (${target.host}:${target.port}): ${asError(cause).message}`, { cause });

/** Why an agent gives no log, as clients know it. */
async function refusalOf(answer: IncomingMessage): Promise<StatusError> {
  let text = '';
  for await (const part of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += part;
    if (text.length > MAX_REFUSAL_LENGTH) break;
  }
  if (answer.statusCode === 400) return badRequest(text);
  return answer.statusCode === 404 ? new StatusError('NotFound', text, { details: {} }) : new StatusError('InternalError', `Internal error occurred: ${text}`);
}

/** Of an answer's first bytes: a status line is short, and sent at once. */
const statusIn = (start: Buffer): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(start.toString('latin1', 0, 16))?.[1] ?? 502);

/** Headers as they came, repeated ones too: clients offer several subprotocols so. */
function requestHead(request: IncomingMessage, target: AgentTarget): string {
  const { rawHeaders } = request;
  const lines = [`${request.method ?? 'GET'} ${target.path} HTTP/1.1`, `Host: ${target.host}:${target.port}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!NOT_FORWARDED.test(name)) lines.push(`${name}: ${PROTOCOLS.test(name) ? withoutToken(rawHeaders[i + 1] ?? '') : (rawHeaders[i + 1] ?? '')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
