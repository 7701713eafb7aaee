import { Agent } from 'node:https';
import type { UserInfo } from '#api/transport.ts';
import { isStatus, StatusError } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import type { Exchange } from '../http/exchange.ts';
import { type Backend, forward, joinUpgrade } from '../proxy/forward.ts';
import type { Tunnel } from '../proxy/tunnel.ts';
import { dialText } from '../webhook/dial-text.ts';
import { TargetProblem } from '../webhook/target.ts';
import type { RemoteService } from './api-service.ts';
import { remoteTls, userHeaders } from './front-proxy.ts';
import { addressOf } from './remote-client.ts';

/** Connections that are not used so long are closed. */
const IDLE_MS = 30_000;

/** Hands authorized requests on to extension API servers, as the front proxy that speaks for the user. */
export class RemoteProxy {
  readonly #env: Environment;
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MS });

  constructor(env: Environment) {
    this.#env = env;
  }

  async forward(exchange: Exchange, remote: RemoteService, user: UserInfo): Promise<void> {
    try {
      await forward(exchange, { ...this.#backend(remote, user, exchange.url), agent: this.#agent }, this.#env.log);
    } catch (error) {
      if (!isStatus(error, 'ServiceUnavailable')) throw error;
      const text = `${error.message}\n`;
      exchange.start(error.httpCode, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'content-length': String(Buffer.byteLength(text)) });
      exchange.output.end(text);
    }
  }

  async tunnel(tunnel: Tunnel, remote: RemoteService, user: UserInfo): Promise<void> {
    await joinUpgrade(tunnel, this.#backend(remote, user, tunnel.request.url ?? '/'));
  }

  close(): void {
    this.#agent.destroy();
  }

  #backend(remote: RemoteService, user: UserInfo, path: string): Backend {
    const address = this.#address(remote);
    const tls = remoteTls(this.#env.pki, remote);
    return {
      protocol: 'https', ...address, path, tls, rejectsRedirects: true, headers: { host: `${tls.servername}:${remote.service.port}`, ...userHeaders(user) },
      unreachable: (error) => new StatusError('ServiceUnavailable', `error trying to reach service: ${dialText(address, error)}`, { cause: error }),
    };
  }

  #address(remote: RemoteService): { readonly host: string; readonly port: number } {
    if (!remote.isAvailable) throw new StatusError('ServiceUnavailable', 'service unavailable');
    try {
      const { host, port } = addressOf(this.#env, remote);
      return { host, port };
    } catch (error) {
      if (!(error instanceof TargetProblem)) throw error;
      this.#env.log.warn('the service of an API is not to be found', { apiService: remote.name, error: error.message });
      throw new StatusError('ServiceUnavailable', 'service unavailable', { cause: error });
    }
  }
}
