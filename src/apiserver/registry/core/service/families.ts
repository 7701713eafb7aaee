import type { AnyService } from './allocations.ts';

/** The families and the policy of a Service of a cluster that has IPv4 only; undefined when it asks for what such a cluster has not. */
export function withFamilies(service: AnyService): AnyService | undefined {
  const { ipFamilies = [], ipFamilyPolicy, clusterIP, clusterIPs, selector } = service.spec ?? {};
  const isHeadless = (clusterIP || clusterIPs?.[0]) === 'None';
  // Whoever writes the endpoints of a headless Service by hand may use both families.
  if (isHeadless && Object.keys(selector ?? {}).length === 0) {
    const policy = ipFamilyPolicy ?? 'RequireDualStack';
    const first = ipFamilies[0] ?? 'IPv4';
    const families = policy === 'SingleStack' ? [first] : [first, first === 'IPv4' ? ('IPv6' as const) : ('IPv4' as const)];
    return { ...service, spec: { ...service.spec, ipFamilies: families, ipFamilyPolicy: policy } };
  }
  if (ipFamilyPolicy === 'RequireDualStack' || ipFamilies.some((family) => family !== 'IPv4')) return undefined;
  return { ...service, spec: { ...service.spec, ipFamilies: ['IPv4'], ipFamilyPolicy: ipFamilyPolicy ?? 'SingleStack' } };
}
