import { StatusError } from '#api/status-error.ts';
import type { ActiveRequest, Origin } from '../requests/active-request.ts';
import type { Exchange } from './exchange.ts';

type Received = Pick<Exchange, 'method' | 'url' | 'headers' | 'socket' | 'signal'>;

/** What is recorded of a request over HTTPS. `expire` answers when it takes too long. */
export function originOf(exchange: Received, expire: () => void): Origin {
  const { headers } = exchange;
  return {
    method: exchange.method, userAgent: headers['user-agent'] ?? '', auditId: textOf(headers['audit-id']),
    uri: () => exchange.url, sourceIps: () => sourceIps(exchange), signal: () => exchange.signal, expire,
  };
}

/** As in Kubernetes: what proxies say, then who is connected. */
function sourceIps({ headers, socket }: Received): readonly string[] {
  const forwarded = textOf(headers['x-forwarded-for'])?.split(',').map((ip) => ip.trim()).filter((ip) => ip !== '') ?? [];
  const { remoteAddress } = socket;
  return remoteAddress === undefined || forwarded.at(-1) === remoteAddress ? forwarded : [...forwarded, remoteAddress];
}

const textOf = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

export const isOpenWatch = ({ isLongRunning, info }: ActiveRequest): boolean => isLongRunning && info?.verb === 'watch';

export const timedOut = (): StatusError => new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
