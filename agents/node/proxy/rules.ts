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
  return [
    ...clusterPieces(port, port.isInternalLocal ? local : port.endpoints, podCidr),
    ...externalPieces(port, port.isExternalLocal ? local : port.endpoints, podCidr),
    ...local.map((endpoint): Piece => [`element hairpins ${endpoint.ip} . ${endpoint.ip}`, '']),
  ];
}

function clusterPieces(port: ServicePort, endpoints: readonly Endpoint[], podCidr: string): readonly Piece[] {
  if (port.clusterIP === undefined) return [];
  if (endpoints.length === 0) return [addressElement('dead-service-ips', port, port.clusterIP, deadVerdict(port))];
  const chain = clusterChain(port);
  // Traffic from elsewhere than pods must come back through this node.
  const lead = [`ip daddr ${port.clusterIP} ip saddr != ${podCidr} ${MARK}`];
  return [...balance(chain, port, endpoints, lead), addressElement('service-ips', port, port.clusterIP, `goto ${chain}`)];
}

function externalPieces(port: ServicePort, endpoints: readonly Endpoint[], podCidr: string): readonly Piece[] {
  const ips = [...port.externalIPs, ...port.loadBalancerIPs];
  if (ips.length === 0 && port.nodePort === undefined) return [];
  const shortcut = port.isExternalLocal ? insideRules(port, podCidr) : [];
  if (endpoints.length + shortcut.length === 0) {
    return [...ips.map((ip) => addressElement('dead-service-ips', port, ip, deadVerdict(port))), ...nodePortElement('dead-node-ports', port, deadVerdict(port))];
  }
  const chain = `external-${chainName(port)}`;
  const lead = port.isExternalLocal ? shortcut : [`ip saddr != ${podCidr} ${MARK}`];
  const open = port.sourceRanges.length === 0 ? ips : port.externalIPs;
  return [
    ...(endpoints.length > 0 ? balance(chain, port, endpoints, lead) : [[`chain ${chain}`, [...lead, 'drop'].join('\n')] as const]),
    ...open.map((ip) => addressElement('service-ips', port, ip, `goto ${chain}`)),
    ...nodePortElement('node-ports', port, `goto ${chain}`),
    ...(port.sourceRanges.length > 0 ? firewallPieces(port, chain) : []),
  ];
}

/** Clients of this node and its pods may use any endpoint, whatever the policy says: it is about the address of clients outside. */
function insideRules(port: ServicePort, podCidr: string): readonly string[] {
  if (port.clusterIP === undefined || port.isInternalLocal || port.endpoints.length === 0) return [];
  const chain = clusterChain(port);
  return [`ip saddr ${podCidr} goto ${chain}`, `fib saddr type local ${MARK}`, `fib saddr type local goto ${chain}`];
}

function firewallPieces(port: ServicePort, chain: string): readonly Piece[] {
  const firewall = `firewall-${chainName(port)}`;
  return [
    [`chain ${firewall}`, `ip saddr != { ${port.sourceRanges.join(', ')} } drop\ngoto ${chain}`],
    ...port.loadBalancerIPs.map((ip) => addressElement('service-ips', port, ip, `goto ${firewall}`)),
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

/** Nobody serves: refuse at once. Where only other nodes serve, drop, so that the client's balancer goes there. */
const deadVerdict = (port: ServicePort): string => (port.endpoints.length === 0 ? 'goto refuse' : 'drop');

const addressElement = (map: 'service-ips' | 'dead-service-ips', port: ServicePort, ip: string, verdict: string): Piece => [`element ${map} ${ip} . ${port.protocol} . ${port.port}`, verdict];
const nodePortElement = (map: 'node-ports' | 'dead-node-ports', port: ServicePort, verdict: string): readonly Piece[] =>
  port.nodePort === undefined ? [] : [[`element ${map} ${port.protocol} . ${port.nodePort}`, verdict]];

const clusterChain = (port: ServicePort): string => `service-${chainName(port)}`;

/** Readable, and unique although names of the kernel are limited and start with a letter. */
function chainName(port: ServicePort): string {
  const hash = createHash('sha256').update(port.name).digest('hex').slice(0, 8);
  return `${hash}-${port.name}`.slice(0, 180);
}
