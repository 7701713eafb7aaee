import { warnOfAddress, warnOfRange } from './addresses.ts';
import type { Endpoints, Pod, Service } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { Ingress, NetworkPolicy, NetworkPolicyPeer } from '#api/generated/networking/v1.ts';

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

export function warnOfService({ metadata, spec = {} }: Service): readonly string[] {
  const hints = TOPOLOGY_HINTS in (metadata.annotations ?? {}) ? [`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`] : [];
  const addresses = spec.clusterIP && spec.clusterIP !== 'None' ? warnOfAddresses('spec.clusterIPs', spec.clusterIPs) : [];
  return [...hints, ...addresses, ...warnOfHeadless(spec), ...warnOfAddresses('spec.externalIPs', spec.externalIPs), ...warnOfExternalAddresses(spec), ...warnOfBalancer(spec), ...warnOfExternalName(spec), ...warnOfDistribution(spec)];
}

type Spec = NonNullable<Service['spec']>;
const isHeadless = ({ type, clusterIP }: Spec): boolean => type === 'ClusterIP' && clusterIP === 'None';

function warnOfHeadless(spec: Spec): readonly string[] {
  if (!isHeadless(spec)) return [];
  return [
    ...(spec.loadBalancerIP ? ['spec.loadBalancerIP is ignored for headless services'] : []), ...(spec.externalIPs?.length ? ['spec.externalIPs is ignored for headless services'] : []),
    ...(spec.sessionAffinity !== 'None' ? ['spec.SessionAffinity is ignored for headless services'] : []),
  ];
}

const warnOfAddresses = (path: string, addresses: readonly string[] | undefined): readonly string[] => (addresses ?? []).flatMap((address, i) => warnOfAddress(`${path}[${i}]`, address));

const warnOfExternalAddresses = (spec: Spec): readonly string[] =>
  (spec.externalIPs?.length && !isHeadless(spec) && spec.type !== 'ExternalName' ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []);

const warnOfBalancer = ({ loadBalancerIP, loadBalancerSourceRanges }: Spec): readonly string[] => [
  ...(loadBalancerIP ? warnOfAddress('spec.loadBalancerIP', loadBalancerIP) : []), ...(loadBalancerSourceRanges ?? []).flatMap((range, i) => warnOfRange(`spec.loadBalancerSourceRanges[${i}]`, range)),
];

function warnOfExternalName({ type, externalIPs, externalName }: Spec): readonly string[] {
  if (type === 'ExternalName') return externalIPs?.length ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : [];
  return externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : [];
}

const warnOfDistribution = ({ trafficDistribution }: Spec): readonly string[] =>
  (trafficDistribution === 'PreferClose' ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'] : []);

/** Of a new one. */
export const warnOfIngress = ({ metadata, spec }: Ingress): readonly string[] =>
  ('kubernetes.io/ingress.class' in (metadata.annotations ?? {}) && spec?.ingressClassName === undefined ? ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'] : []);

export function warnOfNetworkPolicy({ spec }: NetworkPolicy): readonly string[] {
  const ofPeers = (path: string, peers: readonly NetworkPolicyPeer[] | undefined): readonly string[] => (peers ?? []).flatMap(({ ipBlock }, i) => (ipBlock === undefined ? [] : [
    ...warnOfRange(`${path}[${i}].ipBlock.cidr`, ipBlock.cidr), ...(ipBlock.except ?? []).flatMap((range, j) => warnOfRange(`${path}[${i}].ipBlock.except[${j}]`, range)),
  ]));
  return [...(spec?.ingress ?? []).flatMap(({ from }, i) => ofPeers(`spec.ingress[${i}].from`, from)), ...(spec?.egress ?? []).flatMap(({ to }, i) => ofPeers(`spec.egress[${i}].to`, to))];
}

/** What controllers write, they have put into the right form. */
const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  'endpoints.kubernetes.io/managed-by': ['endpoint-controller'], 'endpointslice.kubernetes.io/managed-by': ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'],
};
const isManaged = ({ metadata: { labels } }: Endpoints | EndpointSlice): boolean => Object.entries(MANAGERS).some(([label, managers]) => managers.includes(labels?.[label] ?? ''));

export function warnOfEndpoints(endpoints: Endpoints): readonly string[] {
  if (isManaged(endpoints)) return [];
  return (endpoints.subsets ?? []).flatMap((subset, i) => (['addresses', 'notReadyAddresses'] as const).flatMap((field) => (subset[field] ?? []).flatMap(({ ip }, j) => warnOfAddress(`subsets[${i}].${field}[${j}].ip`, ip))));
}

export function warnOfEndpointSlice(slice: EndpointSlice, isNew: boolean): readonly string[] {
  const names = isNew && slice.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  return isManaged(slice) ? names : [...names, ...(slice.endpoints ?? []).flatMap(({ addresses }, i) => warnOfAddresses(`endpoints[${i}].addresses`, addresses))];
}

export const warnOfBalancerStatus = ({ status }: Service): readonly string[] => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) => (ip ? warnOfAddress(`status.loadBalancer.ingress[${i}]`, ip) : []));

export const warnOfPodStatus = ({ status }: Pod): readonly string[] =>
  (['podIPs', 'hostIPs'] as const).flatMap((field) => (status?.[field] ?? []).flatMap(({ ip }, i) => warnOfAddress(`status.${field}[${i}].ip`, ip)));
