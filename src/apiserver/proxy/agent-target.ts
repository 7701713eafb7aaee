import { AGENT_ADDRESS_ANNOTATION, SIMULATED_LABEL } from '#api/headway/v1/types.ts';
import type { Node, Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NODES, PODS } from '#api/resources.ts';
import { badRequest, StatusError } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import type { ResourceInfo } from '../request-info.ts';
import { readExisting } from '../storage/object-reader.ts';

/** Where a node agent serves, and what is asked of it. */
export interface AgentTarget {
  readonly node: string;
  readonly host: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}

const DEFAULT_AGENT_PORT = 10_250;
const DEFAULT_CONTAINER_ANNOTATION = 'kubectl.kubernetes.io/default-container';
/** Names of the options of PodExecOptions and of the agent's API. */
const STREAMS = [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const;

/** @throws StatusError NotFound, BadRequest, also while no node has the pod */
export async function agentTarget(env: Environment, info: ResourceInfo, search: string): Promise<AgentTarget> {
  const target = await logTarget(env, info, search);
  if (target === undefined) throw badRequest(`pod ${info.name} does not have a host assigned`);
  return target;
}

/** Undefined while no node has the pod: then there is nothing to read. @throws StatusError NotFound, BadRequest */
export async function logTarget(env: Environment, info: ResourceInfo, search: string): Promise<AgentTarget | undefined> {
  const { object } = await readExisting(env.cache, PODS, info.namespace, info.name);
  const pod = object as Pod & KubeObject;
  const path = pathOf(info, pod, new URLSearchParams(search));
  const node = pod.spec?.nodeName;
  if (!node) return undefined;
  const { object: found } = await readExisting(env.cache, NODES, '', node);
  return { node, ...agentAddress(found), path };
}

/** @throws StatusError InternalError for a node that has said no address yet, BadRequest for a simulated one */
export function agentAddress(object: KubeObject): { readonly host: string; readonly port: number } {
  refuseSimulated(object);
  const node = object as Node & KubeObject;
  const host = node.metadata.annotations?.[AGENT_ADDRESS_ANNOTATION] ?? (node.status?.addresses ?? []).find((a) => a.type === 'InternalIP')?.address;
  if (!host) throw new StatusError('InternalError', `no preferred addresses found for node ${JSON.stringify(node.metadata.name)}`);
  const endpoint = node.status?.daemonEndpoints?.kubeletEndpoint as { readonly Port?: number; readonly port?: number } | undefined;
  // Zero is what Go writes for none.
  return { host, port: endpoint?.Port || endpoint?.port || DEFAULT_AGENT_PORT };
}

/** Its addresses are made up, and may be those of another machine. @throws StatusError BadRequest */
export function refuseSimulated({ metadata }: KubeObject): void {
  if (metadata.labels?.[SIMULATED_LABEL] === 'true') throw badRequest(`node ${JSON.stringify(metadata.name)} is simulated: it runs no containers, and nothing answers at its addresses`);
}

function pathOf(info: ResourceInfo, pod: Pod & KubeObject, query: URLSearchParams): string {
  const place = `${encodeURIComponent(info.namespace)}/${encodeURIComponent(info.name)}`;
  if (info.subresource === 'portforward') return withQuery(`/portForward/${place}`, ports(query));
  const container = encodeURIComponent(containerOf(pod, query.get('container') ?? ''));
  if (info.subresource === 'log') return withQuery(`/containerLogs/${place}/${container}`, without(query, 'container'));
  return withQuery(`/${info.subresource}/${place}/${container}`, streams(query));
}

/** The one that was named, the annotated one, or the only one. @throws StatusError BadRequest */
function containerOf(pod: Pod & KubeObject, asked: string): string {
  const spec = pod.spec;
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])].map((c) => c.name);
  const name = asked || pod.metadata.annotations?.[DEFAULT_CONTAINER_ANNOTATION] || (spec?.containers.length === 1 ? spec.containers[0]?.name : undefined);
  if (name === undefined) throw badRequest(`a container name must be specified for pod ${pod.metadata.name}${all.length === 0 ? '' : `, choose one of: [${all.join(' ')}]`}`);
  if (!all.includes(name)) throw badRequest(`container ${name} is not valid for pod ${pod.metadata.name}`);
  return name;
}

function streams(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const command of query.getAll('command')) result.append('command', command);
  for (const [theirs, ours] of STREAMS) if (query.get(theirs) === 'true' || query.get(theirs) === '1') result.append(ours, '1');
  return result;
}

function ports(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams(query.getAll('ports').map((port): [string, string] => ['port', port]));
}

function without(query: URLSearchParams, name: string): URLSearchParams {
  const result = new URLSearchParams(query);
  result.delete(name);
  return result;
}

const withQuery = (path: string, query: URLSearchParams): string => (query.size === 0 ? path : `${path}?${query}`);
