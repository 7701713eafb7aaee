import type { ServiceSpec } from '#api/generated/core/v1.ts';
import { SERVICES } from '#api/resources.ts';
import { invalid } from '#api/status-error.ts';
import { familyOf } from '#api/validation/addresses.ts';
import { Problems } from '#api/validation/problems.ts';
import { isSameList, refuseOtherFamilies, validateServiceAddresses } from '#api/validation/service-addresses.ts';
import type { AnyService } from './allocations.ts';

type Families = NonNullable<ServiceSpec['ipFamilies']>;
const POLICY = 'spec.ipFamilyPolicy';

/**
 * The families, and their policy, of a Service of a cluster that has IPv4 only. `live` is absent on creation.
 * @throws StatusError Invalid for what contradicts itself or is not to be had in such a cluster. It comes before an address is given, so nothing else is told with it.
 */
export function withFamilies(service: AnyService, live?: AnyService): AnyService {
  if (live !== undefined && isSettled(service.spec, live.spec)) return service;
  const isOpen = service.spec.clusterIP === 'None' && Object.keys(service.spec.selector ?? {}).length === 0;
  const ipFamilyPolicy = service.spec.ipFamilyPolicy ?? live?.spec.ipFamilyPolicy ?? (isOpen ? 'RequireDualStack' : 'SingleStack');
  const asked = { ...service.spec, ipFamilyPolicy };
  refuse(service, (problems) => validateServiceAddresses(problems, asked, live?.spec));
  const spec = live === undefined ? asked : released(asked, live.spec);
  const families = [...(spec.ipFamilies ?? [])];
  refuse(service, (problems) => {
    if (live !== undefined) checkReleased(problems, spec, live.spec);
    checkSingle(problems, spec);
    inferFamilies(problems, families, spec.clusterIPs ?? []);
  });
  const inferred = { ...spec, ipFamilies: families };
  if (!isOpen) refuse(service, (problems) => refuseOtherFamilies(problems, inferred));
  return { ...service, spec: { ...inferred, ipFamilies: completed(families, isOpen && ipFamilyPolicy !== 'SingleStack') } };
}

/** Who prefers two families keeps those that there are, whatever the cluster has by now. */
function isSettled(spec: ServiceSpec, old: ServiceSpec): boolean {
  return spec.ipFamilyPolicy === 'PreferDualStack' && (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' && spec.type === old.type
    && isSameList(spec.clusterIPs, old.clusterIPs) && isSameList(spec.ipFamilies, old.ipFamilies);
}

/** Who asks for one family, and changes nothing else, means the first. */
function released(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (spec.ipFamilyPolicy !== 'SingleStack') return spec;
  const { clusterIPs = [], ipFamilies = [] } = spec;
  return {
    ...spec, ...(isSameList(clusterIPs, old.clusterIPs) ? { clusterIPs: clusterIPs.slice(0, 1) } : {}), ...(isSameList(ipFamilies, old.ipFamilies) ? { ipFamilies: ipFamilies.slice(0, 1) } : {}),
  };
}

function checkReleased(problems: Problems, { clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec, old: ServiceSpec): void {
  if (ipFamilyPolicy === 'SingleStack') return;
  const isFewer = (now: readonly unknown[], before: readonly unknown[] = []): boolean => now.length > 0 && now.length < before.length;
  if (isFewer(clusterIPs, old.clusterIPs)) problems.invalid(POLICY, ipFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP");
  if (isFewer(ipFamilies, old.ipFamilies)) problems.invalid(POLICY, ipFamilyPolicy, "must be 'SingleStack' to release the secondary IP family");
}

function checkSingle(problems: Problems, { clusterIPs = [], ipFamilies = [], ipFamilyPolicy }: ServiceSpec): void {
  if (ipFamilyPolicy !== 'SingleStack') return;
  for (const [list, name] of [[clusterIPs, 'cluster IPs'], [ipFamilies, 'IP families']] as const) {
    if (list.length > 1) problems.invalid(POLICY, ipFamilyPolicy, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${name} are specified`);
  }
}

/** Adds those of the addresses that say none. */
function inferFamilies(problems: Problems, families: Families[number][], ips: readonly string[]): void {
  for (const [i, ip] of ips.entries()) {
    if (ip === 'None') return;
    if (i < families.length) continue;
    if (familyOf(ip) === 'IPv4') families.push('IPv4');
    else problems.invalid(`spec.clusterIPs[${i}]`, ips, 'IPv6 is not configured on this cluster');
  }
}

/** Whoever writes the endpoints of a headless Service by hand may use both families. */
function completed(families: Families, areBoth: boolean): Families {
  const [first = 'IPv4', ...more] = families;
  return areBoth && more.length === 0 ? [first, first === 'IPv4' ? 'IPv6' : 'IPv4'] : [first, ...more];
}

function refuse({ metadata }: AnyService, check: (problems: Problems) => void): void {
  const problems = new Problems();
  check(problems);
  if (problems.causes.length > 0) throw invalid(SERVICES, metadata.name, problems.causes);
}
