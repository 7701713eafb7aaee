import { posix } from 'node:path';
import type { WebhookClientConfig } from '#api/generated/admissionregistration/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { Service, ServicePort } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** Where a webhook is reached, and under which address errors speak of it. */
export interface WebhookTarget {
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** The name that the certificate must hold. */
  readonly serverName: string;
  /** `https://name.namespace.svc:443/path?timeout=10s` */
  readonly url: string;
}

/** What a client configuration of admission or conversion has in common. */
export type ClientConfig = Pick<WebhookClientConfig, 'url' | 'service' | 'caBundle'>;

const DEFAULT_PORT = 443;
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Why a target cannot be found; thrown by {@link targetOf}. */
export class TargetProblem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Services are reached at one of their ready endpoints, so that no service rules are needed where the API server runs; at the cluster
 * address when no EndpointSlice tells of endpoints. `pick` chooses among that many endpoints. @throws TargetProblem
 */
export function targetOf(cache: WatchCache, config: ClientConfig, timeoutMs: number, pick: (count: number) => number): WebhookTarget {
  const { url, service } = config;
  if (service === undefined) return targetOfUrl(url ?? '', timeoutMs);
  const { namespace, name, path = '/', port = DEFAULT_PORT } = service;
  const serverName = `${name}.${namespace}.svc`;
  const absolute = withTimeout(cleanPath(path), timeoutMs);
  return { ...addressOf(cache, namespace, name, port, pick), path: absolute, serverName, url: `https://${serverName}:${port}${absolute}` };
}

function targetOfUrl(text: string, timeoutMs: number): WebhookTarget {
  if (!URL.canParse(text)) throw new TargetProblem(`Unparsable webhook URL: ${text}`);
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const path = withTimeout(`${cleanPath(url.pathname)}${url.search}`, timeoutMs);
  return { host, port: Number(url.port || DEFAULT_PORT), path, serverName: host, url: `${url.origin}${path}` };
}

/** Where an answer sends the review: on the host that it came from at the same endpoint, with the same name in its certificate. */
export function redirected(target: WebhookTarget, location: string): WebhookTarget {
  const url = new URL(location, target.url);
  const place = { path: `${url.pathname}${url.search}`, url: url.href };
  if (url.host === new URL(target.url).host) return { ...target, ...place };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { ...place, host, port: Number(url.port || DEFAULT_PORT), serverName: host };
}

/** Client-go joins paths, which leaves no empty step and no slash at the end, and writes what was escaped anew. */
const cleanPath = (path: string): string => escaped(posix.join('/', unescaped(path)).replace(/(?<=.)\/$/, ''));
const escaped = (path: string): string => encodeURI(path).replace(/[!'()*#?]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Rounded up to whole seconds, as Go prints those below an hour. */
function withTimeout(path: string, timeoutMs: number): string {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const text = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
  return `${path}${path.includes('?') ? '&' : '?'}timeout=${text}`;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function addressOf(cache: WatchCache, namespace: string, name: string, port: number, pick: (count: number) => number): Address {
  const service = cache.get('services', namespace, name)?.object as (Service & KubeObject) | undefined;
  if (service === undefined) throw new TargetProblem(`service ${JSON.stringify(name)} not found`);
  const { type, externalName, clusterIP, ports } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName ?? '', port };
  const served = ports?.find((p) => p.port === port);
  if (served === undefined) throw new TargetProblem(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const slices = slicesOf(cache, namespace, name);
  const ready = slices.flatMap((slice) => readyAddresses(slice, served));
  if (ready.length > 0) return ready[pick(ready.length)] ?? (ready[0] as Address);
  if (slices.length === 0 && clusterIP && clusterIP !== 'None') return { host: clusterIP, port };
  throw new TargetProblem(`no endpoints available for service ${JSON.stringify(name)}`);
}

function slicesOf(cache: WatchCache, namespace: string, name: string): readonly EndpointSlice[] {
  const slices = cache.list('endpointslices.discovery.k8s.io', { namespace }).items.map((i) => i.object as EndpointSlice & KubeObject);
  return slices.filter((s) => s.metadata.labels?.[SERVICE_NAME_LABEL] === name);
}

/** The slice names the port as the Service does; a Service with one port may leave it without a name. */
function readyAddresses(slice: EndpointSlice, served: ServicePort): readonly Address[] {
  const port = slice.ports?.find((p) => (p.name ?? '') === (served.name ?? ''))?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).filter(isReady).flatMap((e) => e.addresses.slice(0, 1)).map((host) => ({ host, port }));
}

/** Unknown readiness counts as ready. */
const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready !== false;
