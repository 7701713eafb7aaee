import { StatusError } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourceInfo } from '../request-info.ts';
import { dialText } from '../webhook/dial-text.ts';
import { type Backend, forward, joinUpgrade } from './forward.ts';
import { proxyPlaceOf } from './proxy-place.ts';
import { resourceTarget } from './resource-target.ts';
import type { Tunnel } from './tunnel.ts';

/** HTTP to what runs in pods, behind Services, or on nodes, through the API server's authorization. */
export class ResourceProxy {
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  async forward(exchange: Exchange, info: ResourceInfo, search: string): Promise<void> {
    const { prefix, rest } = proxyPlaceOf(exchange.url);
    // Links of a page without a slash at its end would lead past it.
    if (rest === '' && (exchange.method === 'GET' || exchange.method === 'HEAD')) {
      exchange.start(301, { location: `${prefix}/${search === '' ? '' : `?${search}`}`, 'content-length': '0' });
      exchange.output.end();
      return;
    }
    await forward(exchange, await this.#backend(info, prefix, rest, search, exchange.headers.host ?? String(exchange.headers[':authority'] ?? '')), this.#env.log);
  }

  async tunnel(tunnel: Tunnel, info: ResourceInfo, search: string): Promise<void> {
    const { request } = tunnel;
    const { prefix, rest } = proxyPlaceOf(request.url ?? '/');
    await joinUpgrade(tunnel, await this.#backend(info, prefix, rest, search, request.headers.host ?? ''));
  }

  async #backend(info: ResourceInfo, prefix: string, rest: string, search: string, host: string): Promise<Backend> {
    const target = await resourceTarget(this.#env, info);
    const path = rest === '' ? '/' : rest;
    return {
      ...target, path: search === '' ? path : `${path}?${search}`, headers: { 'x-forwarded-uri': `${prefix}${rest}` },
      relocate: (location) => relocated(location, prefix, new Set([`${target.host}:${target.port}`, target.host, host])),
      unreachable: (error) => new StatusError('ServiceUnavailable', `error trying to reach service: ${dialText(target, error)}`, { cause: error }),
    };
  }
}

/** What lies on the same server is reached through the proxy; relative references hold as they are, and other servers are none of its business. */
function relocated(location: string, prefix: string, own: ReadonlySet<string>): string {
  const [, host, path = ''] = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/([^/?#]*))?(.*)$/i.exec(location) ?? [];
  if (host !== undefined && !own.has(host)) return location;
  if (host === undefined && !path.startsWith('/')) return location;
  return path.startsWith(`${prefix}/`) ? path : `${prefix}${path === '' ? '/' : path}`;
}
