import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourceInfo } from '../request-info.ts';
import { admitSubresource } from '../subresources/admit.ts';
import { connectOptions } from './connect-options.ts';
import { NodeProxy } from './node-proxy.ts';
import { ResourceProxy } from './resource-proxy.ts';
import type { Tunnel } from './tunnel.ts';

/** An authorized request for what another server answers. */
export interface Connection {
  readonly info: ResourceInfo;
  readonly user: UserInfo;
  /** The query as it was sent. */
  readonly search: string;
}

/** Subresources that are answered by a node agent, or by what runs in a pod, a Service or on a node. Connections pass admission first. */
export class Connector {
  readonly #env: Environment;
  readonly #nodes: NodeProxy;
  readonly #resources: ResourceProxy;

  constructor(env: Environment) {
    this.#env = env;
    this.#nodes = new NodeProxy(env);
    this.#resources = new ResourceProxy(env);
  }

  serves(subresource: string): boolean {
    return subresource !== '' && (subresource === 'proxy' || this.#nodes.serves(subresource));
  }

  /** @throws StatusError */
  async forward(exchange: Exchange, connection: Connection): Promise<void> {
    const { info, search } = connection;
    await this.#admit(connection, exchange.url);
    return info.subresource === 'proxy' ? this.#resources.forward(exchange, info, search) : this.#nodes.forward(exchange, info, search);
  }

  /** @throws StatusError */
  async tunnel(tunnel: Tunnel, connection: Connection): Promise<void> {
    const { info, search } = connection;
    await this.#admit(connection, tunnel.request.url ?? '/');
    return info.subresource === 'proxy' ? this.#resources.tunnel(tunnel, info, search) : this.#nodes.tunnel(tunnel, info, search);
  }

  /** Logs are read, not connected to. */
  async #admit({ info, user }: Connection, url: string): Promise<void> {
    if (info.subresource === 'log') return;
    const object = connectOptions(info, url);
    await admitSubresource(this.#env, info, { operation: 'CONNECT', object, type: object, context: { user, dryRun: false, fieldManager: '', warn: () => {} } });
  }
}
