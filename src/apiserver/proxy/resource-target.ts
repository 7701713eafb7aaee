import { BlockList, isIP } from 'node:net';
import type { Pod, Service } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import { badRequest, isStatus, StatusError } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import type { ResourceInfo } from '../request-info.ts';
import { readExisting } from '../storage/object-reader.ts';
import { agentAddress, refuseSimulated } from './agent-target.ts';
import type { Backend } from './forward.ts';

export type ResourceTarget = Pick<Backend, 'protocol' | 'host' | 'port' | 'tls'>;

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** Where `pods|services|nodes/<[scheme:]name[:port]>/proxy` leads. @throws StatusError NotFound, BadRequest, ServiceUnavailable */
export async function resourceTarget(env: Environment, info: ResourceInfo): Promise<ResourceTarget> {
  const id = parseId(info.resource.singular, info.name);
  try {
    return await targetOf(env, info, id);
  } catch (error) {
    if (!isStatus(error, 'BadRequest', 'ServiceUnavailable')) throw error;
    // No refusal comes from a cache that lags behind.
    await env.cache.sync();
    return targetOf(env, info, id);
  }
}

function targetOf(env: Environment, { resource, namespace, name }: ResourceInfo, id: Id): Promise<ResourceTarget> {
  switch (resource.plural) {
    case 'pods': return podTarget(env, namespace, id);
    case 'services': return serviceTarget(env, namespace, id, name);
    default: return nodeTarget(env, id);
  }
}

interface Id {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** Empty when it is not given. */
  readonly port: string;
}

/** `name`, `name:port`, `scheme:name:port`, where scheme and port may be empty. */
function parseId(kind: string, text: string): Id {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) throw badRequest(`invalid ${kind} request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

async function podTarget(env: Environment, namespace: string, { scheme, name, port }: Id): Promise<ResourceTarget> {
  const { object } = await readExisting(env.cache, PODS, namespace, name);
  const { spec, status } = object as Pod & KubeObject;
  requireContainers(env, spec?.nodeName);
  const first = spec?.containers.flatMap((c) => c.ports ?? []).at(0)?.containerPort;
  return to(scheme, status?.podIP ?? '', port === '' ? (first ?? DEFAULT_PORT[scheme]) : portOf(port));
}

async function serviceTarget(env: Environment, namespace: string, { scheme, name, port }: Id, asked: string): Promise<ResourceTarget> {
  const { object } = await readExisting(env.cache, SERVICES, namespace, name);
  const portName = /^\d+$/.test(port) ? nameOfPort(object as Service & KubeObject, Number(port)) : port;
  const found = slicesOf(env, namespace, name).flatMap((slice) => addressesOf(env, namespace, slice, portName));
  const chosen = found[Math.floor(Math.random() * found.length)];
  if (chosen === undefined) throw new StatusError('ServiceUnavailable', `no endpoints available for service ${JSON.stringify(asked)}`);
  requireContainers(env, chosen.node);
  return to(scheme, chosen.host, chosen.port);
}

function nameOfPort({ metadata, spec }: Service & KubeObject, port: number): string {
  const found = spec?.ports?.find((p) => p.port === port);
  if (found === undefined) throw new StatusError('ServiceUnavailable', `no service port ${port} found for service ${JSON.stringify(metadata.name)}`);
  return found.name ?? '';
}

const slicesOf = (env: Environment, namespace: string, name: string): readonly EndpointSlice[] =>
  env.cache.list(groupResource(ENDPOINT_SLICES), { namespace }).items.map((i) => i.object as EndpointSlice & KubeObject).filter((s) => s.metadata.labels?.[SERVICE_NAME_LABEL] === name);

interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Where its pod is. */
  readonly node: string | undefined;
}

/** Only addresses of pods of the namespace: an EndpointSlice must not lead to what its author may not reach. */
function addressesOf(env: Environment, namespace: string, slice: EndpointSlice, portName: string): readonly Endpoint[] {
  const port = slice.ports?.find((p) => (p.name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).filter((e) => e.conditions?.ready !== false).flatMap(({ addresses, targetRef }) => {
    const pod = targetRef?.kind === 'Pod' ? (env.cache.get('pods', namespace, targetRef.name ?? '')?.object as Pod | undefined) : undefined;
    const own = [pod?.status?.podIP, ...(pod?.status?.podIPs ?? []).map((p) => p.ip)];
    return addresses.filter((a) => own.includes(a)).map((host) => ({ host, port, node: pod?.spec?.nodeName }));
  });
}

/** @throws StatusError BadRequest when the node is simulated */
function requireContainers(env: Environment, node = ''): void {
  const found = env.cache.get('nodes', '', node)?.object;
  if (found !== undefined) refuseSimulated(found);
}

/** The agent's own port is spoken to as the API server does; any other one as the request says. */
async function nodeTarget(env: Environment, { scheme, name, port }: Id): Promise<ResourceTarget> {
  const { object } = await readExisting(env.cache, NODES, '', name);
  const agent = agentAddress(object);
  if (port !== '' && Number(port) !== agent.port) return to(scheme, agent.host, portOf(port));
  const { ca, agentClient } = env.pki;
  return { protocol: 'https', ...agent, tls: { servername: name, ca, cert: agentClient.cert, key: agentClient.key, rejectUnauthorized: true } };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StatusError('ServiceUnavailable', `error trying to reach service: dial tcp: lookup tcp/${text}: unknown port`);
}

/** Certificates of pods are made by anybody and for any name; the request chose https for its encryption. */
function to(scheme: 'http' | 'https', host: string, port: number): ResourceTarget {
  if (!isProxyable(host)) throw badRequest('address not allowed');
  return { protocol: scheme, host, port, ...(scheme === 'https' ? { tls: { rejectUnauthorized: false } } : {}) };
}

/** Neither the machine of the API server itself, nor what is only meant for its link: cloud metadata services are there. */
function isProxyable(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return false;
  const refused = new BlockList();
  for (const [network, prefix] of [['127.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 4], ['255.255.255.255', 32], ['0.0.0.0', 32]] as const) refused.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of [['::1', 128], ['fe80::', 10], ['ff00::', 8], ['::', 128]] as const) refused.addSubnet(network, prefix, 'ipv6');
  return !refused.check(host, version === 4 ? 'ipv4' : 'ipv6');
}
