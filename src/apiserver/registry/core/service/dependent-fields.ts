import type { ServicePort, ServiceSpec } from '#api/generated/core/v1.ts';
import { type AnyService, mayHaveNodePorts } from './allocations.ts';

const typeOf = (service: AnyService): string => service.spec?.type ?? 'ClusterIP';
export const needsAddress = (service: AnyService): boolean => typeOf(service) !== 'ExternalName';
export const needsNodePorts = (service: AnyService): boolean => typeOf(service) === 'NodePort' || (typeOf(service) === 'LoadBalancer' && service.spec?.allocateLoadBalancerNodePorts !== false);
export const needsHealthCheckPort = (service: AnyService): boolean => typeOf(service) === 'LoadBalancer' && service.spec?.externalTrafficPolicy === 'Local';
const isOutside = (service: AnyService): boolean => mayHaveNodePorts(service) || (typeOf(service) === 'ClusterIP' && (service.spec?.externalIPs ?? []).length > 0);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** What the server chose stays when an update says nothing of it, and what goes with a type goes with a change of the type that says nothing of it. */
export function carryOver(service: AnyService, live: AnyService): AnyService {
  return withoutLostBalancer({ ...service, spec: compact(dropped(kept(service.spec, service, live), service, live)) } as AnyService);
}

/** Who asks for no load balancer any more is told of none, though it may take a while to go. */
function withoutLostBalancer(service: AnyService): AnyService {
  if (typeOf(service) === 'LoadBalancer' || service.status?.loadBalancer?.ingress === undefined) return service;
  return { ...service, status: { ...service.status, loadBalancer: {} } };
}

/** A name outside of the cluster has no policy of traffic inside; clients may say one all the same. */
export function withoutStrayPolicy(service: AnyService): AnyService {
  if (needsAddress(service) || service.spec.internalTrafficPolicy === undefined) return service;
  const { internalTrafficPolicy: _, ...spec } = service.spec;
  return { ...service, spec };
}

function kept(spec: ServiceSpec, service: AnyService, live: AnyService): ServiceSpec {
  let result = spec;
  if (needsAddress(live) && needsAddress(service)) {
    const clusterIP = result.clusterIP || live.spec.clusterIP;
    const isSame = clusterIP === live.spec.clusterIP;
    // Who changes only the old field of the two means both.
    const isGiven = (result.clusterIPs ?? []).length > 0 && (isSame || !same(result.clusterIPs, live.spec.clusterIPs));
    result = { ...result, clusterIP, clusterIPs: isGiven ? result.clusterIPs : isSame ? live.spec.clusterIPs : [clusterIP ?? ''] };
  }
  if (mayHaveNodePorts(live) && mayHaveNodePorts(service)) result = { ...result, ports: keepNodePorts(result.ports ?? [], live.spec.ports ?? []) };
  if (needsHealthCheckPort(live) && needsHealthCheckPort(service)) result = { ...result, healthCheckNodePort: result.healthCheckNodePort || live.spec.healthCheckNodePort };
  return result;
}

/** A port is known by its name, whatever else of it changes. */
function keepNodePorts(ports: readonly ServicePort[], old: readonly ServicePort[]): readonly ServicePort[] {
  const given = new Set(ports.map((port) => port.nodePort));
  const before = new Map(old.map(({ name = '', nodePort }) => [name, nodePort]));
  return ports.map((port) => {
    const nodePort = port.nodePort ? undefined : before.get(port.name ?? '');
    return nodePort && !given.has(nodePort) ? { ...port, nodePort } : port;
  });
}

function dropped(spec: ServiceSpec, service: AnyService, live: AnyService): ServiceSpec {
  let result = spec;
  const isUnchanged = (name: keyof ServiceSpec): boolean => same(spec[name], live.spec[name]);
  if (needsAddress(live) && !needsAddress(service)) {
    // Who clears only one of the two means both.
    if ((!spec.clusterIP || isUnchanged('clusterIP')) && ((spec.clusterIPs ?? []).length === 0 || isUnchanged('clusterIPs'))) result = { ...result, clusterIP: undefined, clusterIPs: undefined };
    if (isUnchanged('ipFamilies')) result = { ...result, ipFamilies: undefined };
    if (isUnchanged('ipFamilyPolicy')) result = { ...result, ipFamilyPolicy: undefined };
  }
  const held = new Set([0, ...(live.spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0)]);
  if (mayHaveNodePorts(live) && !mayHaveNodePorts(service) && (spec.ports ?? []).every(({ nodePort = 0 }) => held.has(nodePort))) {
    result = { ...result, ports: (result.ports ?? []).map(({ nodePort: _nodePort, ...port }) => port) };
  }
  if (needsHealthCheckPort(live) && !needsHealthCheckPort(service) && isUnchanged('healthCheckNodePort')) result = { ...result, healthCheckNodePort: undefined };
  if (typeOf(live) === 'LoadBalancer' && typeOf(service) !== 'LoadBalancer') {
    if (isUnchanged('allocateLoadBalancerNodePorts')) result = { ...result, allocateLoadBalancerNodePorts: undefined };
    if (isUnchanged('loadBalancerClass')) result = { ...result, loadBalancerClass: undefined };
  }
  if (isOutside(live) && !isOutside(service) && isUnchanged('externalTrafficPolicy')) result = { ...result, externalTrafficPolicy: undefined };
  return result;
}

const compact = (spec: ServiceSpec): ServiceSpec => Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as ServiceSpec;
