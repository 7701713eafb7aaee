import type { Service } from '#api/generated/core/v1.ts';
import type { Ingress } from '#api/generated/networking/v1.ts';

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

export function warnOfService({ metadata, spec = {} }: Service): readonly string[] {
  const hints = TOPOLOGY_HINTS in (metadata.annotations ?? {}) ? [`annotation ${TOPOLOGY_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`] : [];
  return [...hints, ...warnOfHeadless(spec), ...warnOfExternal(spec), ...warnOfDistribution(spec)];
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

function warnOfExternal(spec: Spec): readonly string[] {
  const isName = spec.type === 'ExternalName';
  const hasAddresses = (spec.externalIPs ?? []).length > 0;
  return [
    ...(hasAddresses && !isHeadless(spec) && !isName ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
    ...(hasAddresses && isName ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []),
    ...(!isName && spec.externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []),
  ];
}

const warnOfDistribution = ({ trafficDistribution }: Spec): readonly string[] =>
  (trafficDistribution === 'PreferClose' ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'] : []);

export const warnOfIngress = ({ metadata }: Ingress): readonly string[] =>
  ('kubernetes.io/ingress.class' in (metadata.annotations ?? {}) ? ['annotation "kubernetes.io/ingress.class" is deprecated, please use \'spec.ingressClassName\' instead'] : []);
