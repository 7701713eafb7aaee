import net from 'node:net';
import type { Service, ServicePort as ApiServicePort } from '#api/generated/core/v1.ts';
import type { Endpoint as ApiEndpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { keyOf } from '#api/object.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** Whether it runs on this node. */
  readonly isLocal: boolean;
}

/** One port of one service, with all that the rules need to know. */
export interface ServicePort {
  /** `namespace/name/protocol/port name`; unique. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Absent for headless services. */
  readonly clusterIP?: string | undefined;
  readonly nodePort?: number | undefined;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Who may use the load balancer's addresses; empty is everybody. */
  readonly sourceRanges: readonly string[];
  /** How long a client stays with its endpoint; absent without session affinity. */
  readonly affinitySeconds?: number | undefined;
  readonly endpoints: readonly Endpoint[];
  /** Only endpoints of this node serve clients of the cluster, or clients from outside (whose address is then kept). */
  readonly isInternalLocal: boolean;
  readonly isExternalLocal: boolean;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;
/** Services that another proxy or nobody is to handle, see k8s.io/kubernetes/pkg/proxy/apis/well_known_labels.go. */
const FOREIGN_LABELS = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];

/** The ports of a service that this proxy handles: none for headless, external-name and foreign services, or before it has an address. */
export function servicePorts(service: Service, slices: readonly EndpointSlice[], nodeName: string): readonly ServicePort[] {
  const { spec, metadata } = service;
  const clusterIP = spec.clusterIP;
  if (spec.type === 'ExternalName' || !isIPv4(clusterIP) || FOREIGN_LABELS.some((label) => metadata.labels?.[label] !== undefined)) return [];
  const shared = {
    clusterIP,
    externalIPs: (spec.externalIPs ?? []).filter(isIPv4),
    loadBalancerIPs: loadBalancerIPs(service),
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isRange),
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS) : undefined,
    isInternalLocal: spec.internalTrafficPolicy === 'Local',
    isExternalLocal: spec.externalTrafficPolicy === 'Local',
  };
  return (spec.ports ?? []).map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol;
    const name = `${keyOf(service)}/${protocol}/${port.name || port.port}`;
    return { ...shared, name, protocol, port: port.port, nodePort: port.nodePort || undefined, endpoints: endpointsOf(port, slices, nodeName) };
  });
}

function loadBalancerIPs(service: Service): readonly string[] {
  const ingress = service.spec.type === 'LoadBalancer' ? (service.status?.loadBalancer?.ingress ?? []) : [];
  // With mode Proxy the balancer hands packets to the node's own address: this one is not for the node to answer.
  return ingress.filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip).filter(isIPv4);
}

/** Ready endpoints; when there are none, those that still serve while they end, so that the last pod of a service is not cut off. */
function endpointsOf(port: ApiServicePort, slices: readonly EndpointSlice[], nodeName: string): readonly Endpoint[] {
  const found = slices.filter(({ addressType }) => addressType === 'IPv4').flatMap((slice) => {
    const target = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? '') && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.port;
    return target === undefined ? [] : (slice.endpoints ?? []).map((endpoint) => ({ endpoint, port: target }));
  });
  const ready = found.filter(({ endpoint }) => endpoint.conditions?.ready !== false);
  const usable = ready.length > 0 ? ready : found.filter(({ endpoint }) => isServing(endpoint));
  const endpoints = usable.flatMap(({ endpoint, port: target }) =>
    endpoint.addresses.slice(0, 1).filter(isIPv4).map((ip) => ({ ip, port: target, isLocal: endpoint.nodeName === nodeName })));
  // In two slices for a moment while it moves from one to the other; sorted, so that the same set makes the same rules.
  const unique = new Map(endpoints.map((endpoint) => [`${endpoint.ip}:${endpoint.port}`, endpoint]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

const isServing = ({ conditions }: ApiEndpoint): boolean => conditions?.terminating === true && conditions.serving !== false;

/** All that reaches the rules is text of users: one that is more than an address could add rules, or make nft refuse everybody's. */
export const isIPv4 = (text: string | undefined): text is string => text !== undefined && net.isIPv4(text);
const isRange = (text: string): boolean => isIPv4(text.split('/')[0]) && /^[\d.]+\/(\d|[12]\d|3[0-2])$/.test(text);
