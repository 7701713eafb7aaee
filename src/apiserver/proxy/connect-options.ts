import type { ResourceInfo } from '../request-info.ts';
import { proxyPlaceOf } from './proxy-place.ts';

interface ConnectOptions {
  readonly apiVersion: string;
  readonly kind: string;
  readonly path?: string;
}

/** The options object of a connection, as admission sees it: `PodExecOptions` and the like. */
export function connectOptions({ resource, subresource }: ResourceInfo, url: string): ConnectOptions {
  const mark = url.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  switch (subresource) {
    case 'exec': return { kind: 'PodExecOptions', ...VERSION, ...streams(query), ...list('command', query.getAll('command')) };
    case 'attach': return { kind: 'PodAttachOptions', ...VERSION, ...streams(query) };
    case 'portforward': return { kind: 'PodPortForwardOptions', ...VERSION, ...list('ports', query.getAll('ports').flatMap((p) => p.split(',')).map(Number)) };
    default: return { kind: `${resource.kind}ProxyOptions`, ...VERSION, path: proxyPlaceOf(url).rest || '/' };
  }
}

const VERSION = { apiVersion: 'v1' } as const;
const STREAMS = ['stdin', 'stdout', 'stderr', 'tty'] as const;

const list = <T>(name: string, values: readonly T[]): object => (values.length === 0 ? {} : { [name]: values });

function streams(query: URLSearchParams): object {
  const given = STREAMS.filter((name) => query.get(name) === 'true' || query.get(name) === '1').map((name) => [name, true]);
  const container = query.get('container');
  return { ...Object.fromEntries(given), ...(container ? { container } : {}) };
}
