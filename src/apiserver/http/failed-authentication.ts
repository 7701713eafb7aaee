import type { ApiRequest } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { resolveRequest, type RequestInfo } from '../request-info.ts';
import type { Exchange } from './exchange.ts';
import { queryOf, splitUrl } from './url.ts';

type Shown = Pick<Exchange, 'method' | 'url' | 'headers' | 'socket'>;

/** What somebody asks for who is not let in, for the audit log; undefined where that is nothing. */
export function askedFor(env: Environment, { method, url }: Shown): RequestInfo | undefined | Promise<RequestInfo | undefined> {
  const { path, search } = splitUrl(url);
  try {
    const info = resolveRequest(env, (method === 'HEAD' ? 'GET' : method) as ApiRequest['method'], path, queryOf(search));
    return info instanceof Promise ? info.catch(() => undefined) : info;
  } catch {
    return undefined;
  }
}

/** The credentials that were of no use, as Kubernetes tells them. */
export function attemptedWith({ url, headers, socket }: Shown): string {
  const authorization = headers.authorization?.trim() ?? '';
  const ways = [
    ...(/^basic \S/i.test(authorization) ? ['basic'] : []),
    ...(/^bearer /i.test(authorization) ? ['bearer'] : []),
    ...((queryOf(splitUrl(url).search)['access_token'] ?? '').trim() === '' ? [] : ['access_token']),
    ...(socket.getPeerX509Certificate?.() === undefined ? [] : ['x509']),
  ];
  return ways.length > 0 ? `Authentication failed, attempted: ${ways.join(', ')}` : 'Authentication failed, no credentials provided';
}
