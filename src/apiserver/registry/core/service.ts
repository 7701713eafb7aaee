import type { Service, ServicePort } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { invalid, StatusError } from '#api/status-error.ts';
import type { Environment } from '../../environment.ts';
import type { Strategy } from '../strategy.ts';

type AnyService = Service & KubeObject;
const SERVICES = { group: '', plural: 'services', kind: 'Service' } as const;

/** Gives addresses and node ports, and keeps them over updates that do not name them. */
export const SERVICE: Strategy = {
  prepareCreate: (object, env) => withNodePorts(withAddress(object as AnyService, env), env),
  prepareUpdate(object, live, env) {
    const service = keepAllocated(object as AnyService, live as AnyService);
    return withNodePorts(withAddress(service, env), env);
  },
  returnsDeleted: true,
};

const typeOf = (service: AnyService): string => service.spec?.type ?? 'ClusterIP';
const ownerOf = (service: AnyService): string => `${service.metadata.namespace ?? ''}/${service.metadata.name}`;

function withAddress(service: AnyService, env: Environment): AnyService {
  if (typeOf(service) === 'ExternalName') return service;
  const asked = service.spec?.clusterIP || service.spec?.clusterIPs?.[0];
  const address = asked === undefined || asked === '' ? allocate(service, env) : claimAddress(service, asked, env);
  return {
    ...service,
    spec: { ...service.spec, clusterIP: address, clusterIPs: [address], ipFamilies: service.spec?.ipFamilies ?? ['IPv4'], ipFamilyPolicy: service.spec?.ipFamilyPolicy ?? 'SingleStack' },
  } as AnyService;
}

function allocate(service: AnyService, env: Environment): string {
  const address = env.services.allocateAddress(service.metadata.namespace ?? '', service.metadata.name);
  if (address === undefined) throw new StatusError('InternalError', `failed to allocate IP for Service ${ownerOf(service)}: range is full`);
  return address;
}

function claimAddress(service: AnyService, address: string, env: Environment): string {
  if (address === 'None') return address;
  if (!env.services.contains(address)) throw refuse(service, 'spec.clusterIPs', address, `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is ${env.serviceCidr}`);
  if (!env.services.claim(address, ownerOf(service))) throw refuse(service, 'spec.clusterIPs', address, `failed to allocate IP ${address}: provided IP is already allocated`);
  return address;
}

function withNodePorts(service: AnyService, env: Environment): AnyService {
  const needsPorts = typeOf(service) === 'NodePort' || (typeOf(service) === 'LoadBalancer' && service.spec?.allocateLoadBalancerNodePorts !== false);
  const ports = service.spec?.ports ?? [];
  if (!needsPorts || ports.length === 0) return service;
  return { ...service, spec: { ...service.spec, ports: ports.map((port, i) => withNodePort(service, port, i, env)) } } as AnyService;
}

function withNodePort(service: AnyService, port: ServicePort, index: number, env: Environment): ServicePort {
  if (port.nodePort) {
    if (env.services.claim(String(port.nodePort), ownerOf(service))) return port;
    throw refuse(service, `spec.ports[${index}].nodePort`, String(port.nodePort), 'provided port is already allocated');
  }
  const nodePort = env.services.allocateNodePort(service.metadata.namespace ?? '', service.metadata.name, port.name ?? String(port.port));
  if (nodePort === undefined) throw new StatusError('InternalError', 'failed to allocate a nodePort: range is full');
  return { ...port, nodePort };
}

/** What the server chose stays when an update says nothing of it. */
function keepAllocated(service: AnyService, live: AnyService): AnyService {
  if (typeOf(service) === 'ExternalName' || typeOf(live) === 'ExternalName') return service;
  const clusterIP = service.spec?.clusterIP || live.spec?.clusterIP;
  const clusterIPs = service.spec?.clusterIP ? service.spec.clusterIPs : live.spec?.clusterIPs;
  const ports = typeOf(service) === 'ClusterIP' ? service.spec?.ports : (service.spec?.ports ?? []).map((p) => keepNodePort(p, live));
  return { ...service, spec: { ...service.spec, clusterIP, clusterIPs, ports } } as AnyService;
}

function keepNodePort(port: ServicePort, live: AnyService): ServicePort {
  if (port.nodePort) return port;
  const old = (live.spec?.ports ?? []).find((p) => (p.name ?? '') === (port.name ?? '') && p.port === port.port && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
  return old?.nodePort ? { ...port, nodePort: old.nodePort } : port;
}

const refuse = (service: AnyService, field: string, value: string, why: string) =>
  invalid(SERVICES, service.metadata.name, [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` }]);
