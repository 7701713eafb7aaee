import { checkIp, familyOf } from './addresses.ts';
import type { Problems } from './problems.ts';
import type { Service, ServiceSpec } from '#api/generated/core/v1.ts';

const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const MAX_IPS = 2;

export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean => (clusterIPs?.[0] ?? clusterIP) === 'None';

export const isSameList = (a: readonly unknown[] = [], b: readonly unknown[] = []): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

export function validateServiceAddresses(problems: Problems, spec: ServiceSpec, old: ServiceSpec | undefined): void {
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (!clusterIP && clusterIPs.length > 0) problems.invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified');
  else if (clusterIP && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) problems.invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`');
  for (const [i, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) problems.notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES);
    if (ipFamilies.indexOf(family) < i) problems.duplicate(`spec.ipFamilies[${i}]`, family);
  }
  if (ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(ipFamilyPolicy)) problems.notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, FAMILY_POLICIES);
  // Only one of the two may be given: the server writes the other one.
  const ips = clusterIPs.length > 0 ? clusterIPs : clusterIP ? [clusterIP] : [];
  if (!areAddresses(problems, ips, old?.clusterIPs)) return;
  const families = new Set(ips.map(familyOf));
  if (ips.length > 1 && families.size < MAX_IPS) problems.invalid('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family');
  if (!isHeadless(spec)) for (const [i, ip] of ips.entries()) checkFamily(problems, i, ip, ipFamilies[i]);
}

/** For a cluster of one family: IPv4. Who has no address and asks for no endpoints can be of any. */
export function refuseOtherFamilies(problems: Problems, spec: ServiceSpec): void {
  if (isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0) return;
  if (spec.ipFamilyPolicy === 'RequireDualStack') problems.invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) if (family === 'IPv6') problems.invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster');
}

function areAddresses(problems: Problems, ips: readonly string[], kept: readonly string[] | undefined): boolean {
  const isMixed = ips[0] === 'None' && ips.length > 1;
  if (isMixed) problems.invalid('spec.clusterIPs', ips, "'None' must be the first and only value");
  const faults = ips.filter((ip, i) => !(i === 0 && ip === 'None') && !checkIp(problems, `spec.clusterIPs[${i}]`, ip, kept));
  if (ips.length > MAX_IPS) problems.invalid('spec.clusterIPs', ips, `may only hold up to ${MAX_IPS} values`);
  return !isMixed && faults.length === 0;
}

function checkFamily(problems: Problems, i: number, ip: string, family: string | undefined): void {
  if (family !== undefined && FAMILIES.includes(family) && familyOf(ip) !== family) problems.invalid(`spec.clusterIPs[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``);
}

/** The first address and family stay as they are; a second one may come and go. */
export function validateServiceAddressesUpdate(problems: Problems, { spec = {} }: Service, { spec: old = {} }: Service): void {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return;
  const [ips, oldIps] = [addressesOf(spec), addressesOf(old)];
  const [is, was] = [isHeadless(spec), isHeadless(old)];
  if (!is || !was) checkSteady(problems, { one: 'clusterIP', now: ips, old: oldIps, ips, pathOf: (i) => `spec.clusterIPs[${i}]` }, spec);
  // A family is that of an address; whichever changes, the first is told.
  if (!is && !was) checkSteady(problems, { one: 'ipFamily', now: spec.ipFamilies ?? [], old: old.ipFamilies ?? [], ips, pathOf: () => 'spec.ipFamilies[0]' }, spec);
}

const addressesOf = ({ clusterIP, clusterIPs = [] }: ServiceSpec): readonly string[] => (clusterIPs.length > 0 ? clusterIPs : clusterIP ? [clusterIP] : []);

interface Steady {
  readonly one: string;
  readonly now: readonly string[];
  readonly old: readonly string[];
  /** What the errors tell when the list is of another length. */
  readonly ips: readonly string[];
  readonly pathOf: (index: number) => string;
}

function checkSteady(problems: Problems, { one, now, old, ips, pathOf }: Steady, { ipFamilyPolicy }: ServiceSpec): void {
  if (now.length === old.length) {
    for (const [i, item] of old.entries()) if (item !== now[i]) problems.invalid(pathOf(i), now, 'may not change once set');
    return;
  }
  if (now.length < old.length && ips.length === 0) problems.invalid(pathOf(0), null, `primary ${one} can not be unset`);
  if (now[0] !== undefined && old[0] !== undefined && now[0] !== old[0]) problems.invalid(pathOf(0), ips, 'may not change once set');
  if (now.length === 1 && old.length > 1 && ipFamilyPolicy !== 'SingleStack') problems.invalid('spec.ipFamilyPolicy', ipFamilyPolicy ?? null, `must be set to 'SingleStack' when releasing the secondary ${one}`);
}
