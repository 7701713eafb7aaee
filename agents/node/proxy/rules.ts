import { createHash } from 'node:crypto';
import type { Endpoint, ServicePort } from './service-port.ts';

/** Part of the table that one owner (a service, a pod's host ports) wants: pieces by id, with their content. */
export type Fragment = ReadonlyMap<PieceId, string>;
/** `chain NAME` (content: its rules, one a line), `set NAME` (its declaration), `element MAP KEY` (the value; empty in a set). */
export type PieceId = `chain ${string}` | `set ${string}` | `element ${MapName} ${string}`;
export type MapName = 'service-ips' | 'node-ports' | 'dead-service-ips' | 'dead-node-ports' | 'hairpins';

/** Bit of the packet mark that asks for masquerade; the one that kube-proxy uses. */
export const MASQUERADE_MARK = '0x4000';
const MARK = `meta mark set meta mark or ${MASQUERADE_MARK}`;

export function serviceRules(ports: readonly ServicePort[], podCidr: string): Fragment {
  return new Map(ports.flatMap((port) => portPieces(port, podCidr)));
}

type Piece = readonly [PieceId, string];

function portPieces(port: ServicePort, podCidr: string): readonly Piece[] {
  const local = port.endpoints.filter(({ isLocal }) => isLocal);
  const internal = port.isInternalLocal ? local : port.endpoints;
  const external = port.isExternalLocal ? local : port.endpoints;
  const name = chainName(port);
  const isExposed = port.nodePort !== undefined || port.externalIPs.length + port.loadBalancerIPs.length > 0;
  return [
    ...(internal.length > 0 && port.clusterIP ? [...balance(`service-${name}`, port, internal, clientRules(port, podCidr)), ...clusterElement(port, `goto service-${name}`)] : deadCluster(port)),
    ...(isExposed ? (external.length > 0 ? externalPieces(port, name, external, podCidr) : deadExternal(port)) : []),
    ...local.map((endpoint): Piece => [`element hairpins ${endpoint.ip} . ${endpoint.ip}`, '']),
  ];
}

/** Traffic to the cluster address from elsewhere than pods must come back through this node. */
const clientRules = (port: ServicePort, podCidr: string): readonly string[] => [`ip daddr ${port.clusterIP} ip saddr != ${podCidr} ${MARK}`];

function externalPieces(port: ServicePort, name: string, endpoints: readonly Endpoint[], podCidr: string): readonly Piece[] {
  const chain = `external-${name}`;
  // Clients of this node and its pods may use any endpoint: their address is not at stake.
  const lead = port.isExternalLocal ? [`fib saddr type local ${MARK}`] : [`ip saddr != ${podCidr} ${MARK}`];
  const keys = [...port.externalIPs, ...(port.sourceRanges.length > 0 ? [] : port.loadBalancerIPs)];
  const guarded = port.sourceRanges.length > 0 ? port.loadBalancerIPs : [];
  const guard: readonly Piece[] = guarded.length === 0 ? [] : [
    [`chain firewall-${name}`, `ip saddr != { ${port.sourceRanges.join(', ')} } drop\ngoto ${chain}`],
    ...guarded.map((ip): Piece => [`element service-ips ${ip} . ${port.protocol} . ${port.port}`, `goto firewall-${name}`]),
  ];
  return [
    ...balance(chain, port, endpoints, lead), ...guard,
    ...keys.map((ip): Piece => [`element service-ips ${ip} . ${port.protocol} . ${port.port}`, `goto ${chain}`]),
    ...nodePortElement('node-ports', port, `goto ${chain}`),
  ];
}

/** The chain that picks an endpoint for a new connection; established ones are in the kernel's connection table. */
function balance(chain: string, port: ServicePort, endpoints: readonly Endpoint[], lead: readonly string[]): readonly Piece[] {
  if (port.affinitySeconds !== undefined) return stickyBalance(chain, port, port.affinitySeconds, endpoints, lead);
  const [only] = endpoints;
  const target = endpoints.length === 1 && only ? `${only.ip}:${only.port}`
    : `numgen random mod ${endpoints.length} map { ${endpoints.map((endpoint, i) => `${i} : ${endpoint.ip} . ${endpoint.port}`).join(', ')} }`;
  return [[`chain ${chain}`, [...lead, `meta l4proto ${port.protocol} dnat ip to ${target}`].join('\n')]];
}

function stickyBalance(chain: string, port: ServicePort, seconds: number, endpoints: readonly Endpoint[], lead: readonly string[]): readonly Piece[] {
  const targets = endpoints.map((endpoint) => ({ endpoint, id: `${chain}/${endpoint.ip}/${endpoint.port}` }));
  const choice = `numgen random mod ${targets.length} vmap { ${targets.map(({ id }, i) => `${i} : goto to-${id}`).join(', ')} }`;
  return [
    ...targets.flatMap(({ endpoint, id }): readonly Piece[] => [
      [`set clients-${id}`, `type ipv4_addr; size 65535; flags dynamic,timeout; timeout ${seconds}s;`],
      [`chain to-${id}`, `update @clients-${id} { ip saddr }\nmeta l4proto ${port.protocol} dnat ip to ${endpoint.ip}:${endpoint.port}`],
    ]),
    [`chain ${chain}`, [...lead, ...targets.map(({ id }) => `ip saddr @clients-${id} goto to-${id}`), choice].join('\n')],
  ];
}

/** Nobody serves: refuse at once, but where other nodes may still serve, drop, so that the client's balancer goes there. */
function deadCluster(port: ServicePort): readonly Piece[] {
  return port.clusterIP ? [[`element dead-service-ips ${port.clusterIP} . ${port.protocol} . ${port.port}`, port.endpoints.length === 0 ? 'goto refuse' : 'drop']] : [];
}

function deadExternal(port: ServicePort): readonly Piece[] {
  const verdict = port.endpoints.length === 0 ? 'goto refuse' : 'drop';
  const ips = [...port.externalIPs, ...port.loadBalancerIPs];
  return [...ips.map((ip): Piece => [`element dead-service-ips ${ip} . ${port.protocol} . ${port.port}`, verdict]), ...nodePortElement('dead-node-ports', port, verdict)];
}

const clusterElement = (port: ServicePort, verdict: string): readonly Piece[] => [[`element service-ips ${port.clusterIP} . ${port.protocol} . ${port.port}`, verdict]];
const nodePortElement = (map: 'node-ports' | 'dead-node-ports', port: ServicePort, verdict: string): readonly Piece[] =>
  port.nodePort === undefined ? [] : [[`element ${map} ${port.protocol} . ${port.nodePort}`, verdict]];

/** Readable, and unique although names of the kernel are limited and start with a letter. */
function chainName(port: ServicePort): string {
  const hash = createHash('sha256').update(port.name).digest('hex').slice(0, 8);
  return `${hash}-${port.name}`.slice(0, 180);
}
