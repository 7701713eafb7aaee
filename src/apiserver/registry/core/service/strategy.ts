import type { ServicePort } from '#api/generated/core/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { invalid, plainError, StatusError } from '#api/status-error.ts';
import type { Environment } from '../../../environment.ts';
import type { Strategy } from '../../strategy.ts';
import { addressAllocation, type AnyService, nodePortsOf, portAllocation, serviceKey } from './allocations.ts';
import { carryOver, needsAddress, needsHealthCheckPort, needsNodePorts, withoutStrayPolicy } from './dependent-fields.ts';
import { withFamilies } from './families.ts';

const SERVICES = { group: '', plural: 'services', kind: 'Service' } as const;

/** Gives addresses and node ports, and keeps them over updates that do not name them. */
export const SERVICE: Strategy = {
  prepareCreate: async (object, env) => withPorts(await withAddress(withoutStrayPolicy(object as AnyService), env), env),
  prepareUpdate: async (object, live, env) => withPorts(await withAddress(withoutStrayPolicy(carryOver(object as AnyService, live as AnyService)), env, live as AnyService), env, live as AnyService),
  returnsDeleted: true,
  allowsCreateOnUpdate: true,
};

async function withAddress(service: AnyService, env: Environment, live?: AnyService): Promise<AnyService> {
  if (!needsAddress(service)) return service;
  const asked = service.spec?.clusterIP || service.spec?.clusterIPs?.[0];
  const resolved = withFamilies(service);
  // What the families forbid is told by validation, as is what is no address; nothing is allocated for it.
  if (resolved === undefined) return service;
  if (asked === 'None') return service.spec.clusterIP ? withClusterIP(resolved, 'None', service.spec.clusterIPs) : service;
  if (!asked) return withClusterIP(resolved, allocate(service, env));
  if (ipFamilyOf(asked) === undefined) return withClusterIP(resolved, asked, service.spec.clusterIPs);
  // An address that is there may not change: validation says so, whatever the other one is.
  const isFixed = live !== undefined && needsAddress(live) && Boolean(live.spec?.clusterIP);
  if (!isFixed && asked !== live?.spec?.clusterIP) await checkAddress(service, asked, env);
  return service.spec?.clusterIP ? withClusterIP(resolved, asked, service.spec.clusterIPs) : resolved;
}

const withClusterIP = (service: AnyService, clusterIP: string, clusterIPs: readonly string[] | undefined = [clusterIP]): AnyService => ({ ...service, spec: { ...service.spec, clusterIP, clusterIPs } });

function allocate(service: AnyService, env: Environment): string {
  const address = env.services.allocateAddress(service.metadata.namespace ?? '', service.metadata.name);
  if (address === undefined) throw new StatusError('InternalError', 'failed to allocate a serviceIP: range is full');
  return address;
}

async function checkAddress(service: AnyService, address: string, env: Environment): Promise<void> {
  const refuse = (why: string) => invalid(SERVICES, service.metadata.name, [{ reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message: `Invalid value: ${JSON.stringify(service.spec.clusterIPs ?? [address])}: failed to allocate IP ${address}: ${why}` }]);
  if (await env.services.claim(addressAllocation(address), serviceKey(service))) {
    if (env.services.contains(address)) return;
    throw refuse(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${env.serviceCidr}`);
  }
  throw refuse('provided IP is already allocated');
}

/** What a Service has already it keeps, also when the range is another one by now. */
async function withPorts(service: AnyService, env: Environment, live?: AnyService): Promise<AnyService> {
  const withNodePorts = needsNodePorts(service) ? allocatePorts(service, env) : service;
  const held = new Set(live === undefined ? [] : nodePortsOf(live));
  for (const [i, { nodePort }] of (withNodePorts.spec?.ports ?? []).entries()) {
    if (nodePort && !held.has(nodePort) && service.spec?.type !== 'ClusterIP') await checkPort(service, `spec.ports[${i}].nodePort`, nodePort, env);
  }
  return needsHealthCheckPort(withNodePorts) ? withHealthCheckPort(withNodePorts, held, env) : withNodePorts;
}

function allocatePorts(service: AnyService, env: Environment): AnyService {
  const ports: ServicePort[] = [];
  for (const port of service.spec?.ports ?? []) {
    // One number serves several protocols of one port.
    const shared = ports.find((other) => other.port === port.port && other.protocol !== port.protocol && !(service.spec.ports ?? []).some((o) => o !== port && o.nodePort === other.nodePort && o.protocol === port.protocol))?.nodePort;
    ports.push({ ...port, nodePort: port.nodePort || shared || allocatePort(service, port.name ?? String(port.port), env) });
  }
  return { ...service, spec: { ...service.spec, ports } };
}

async function withHealthCheckPort(service: AnyService, held: ReadonlySet<number>, env: Environment): Promise<AnyService> {
  const given = service.spec.healthCheckNodePort;
  const problem = given && !held.has(given) ? await portProblem(service, given, env) : undefined;
  if (problem !== undefined) throw plainError(`failed to allocate requested HealthCheck NodePort ${given}: ${problem}`);
  return { ...service, spec: { ...service.spec, healthCheckNodePort: given || allocatePort(service, 'health-check', env) } };
}

function allocatePort(service: AnyService, port: string, env: Environment): number {
  const nodePort = env.services.allocateNodePort(service.metadata.namespace ?? '', service.metadata.name, port);
  if (nodePort === undefined) throw new StatusError('InternalError', 'failed to allocate a nodePort: range is full');
  return nodePort;
}

async function checkPort(service: AnyService, field: string, port: number, env: Environment): Promise<void> {
  const problem = await portProblem(service, port, env);
  if (problem !== undefined) throw invalid(SERVICES, service.metadata.name, [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${port}: ${problem}` }]);
}

/** Keeps the port for the Service when there is none. */
async function portProblem(service: AnyService, port: number, env: Environment): Promise<string | undefined> {
  const { first, last } = env.services.nodePorts;
  if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  return (await env.services.claim(portAllocation(port), serviceKey(service))) ? undefined : 'provided port is already allocated';
}
