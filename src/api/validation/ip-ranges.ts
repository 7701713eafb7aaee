import { checkCidr } from './addresses.ts';
import { IMMUTABLE, type Problems } from './problems.ts';
import type { IPAddress, ServiceCIDR } from '#api/generated/networking/v1.ts';
import { canonicalAddress, canonicalCidr, ipFamilyOf, parseCidr } from '#api/ip.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain, type NameCheck, pathSegmentName } from '#api/names.ts';

const MAX_CIDRS = 2;
const ONE_A_FAMILY = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

export const ipAddressName: NameCheck = (name) => {
  if (ipFamilyOf(name) === undefined) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  return canonicalAddress(name) === name ? [] : [`must be in canonical form ("${canonicalAddress(name)}")`];
};

export function validateServiceCidr(problems: Problems, { spec }: ServiceCIDR): void {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return problems.required('spec.cidrs', 'at least one CIDR required');
  // Told with the name that the list has in Kubernetes itself.
  if (cidrs.length > MAX_CIDRS) return problems.invalid('spec.cidrs', { CIDRs: cidrs }, `may only hold up to ${MAX_CIDRS} values`);
  for (const [i, text] of cidrs.entries()) {
    const cidr = checkCidr(problems, `spec.cidrs[${i}]`, text) ? parseCidr(text) : undefined;
    if (cidr !== undefined && canonicalCidr(cidr) !== text) problems.invalid(`spec.cidrs[${i}]`, text, `must be in canonical form ("${canonicalCidr(cidr)}")`);
  }
  const families = cidrs.map((text) => parseCidr(text)?.family).filter((family) => family !== undefined);
  if (new Set(families).size < families.length) problems.invalid('spec.cidrs', cidrs, ONE_A_FAMILY);
}

/** A range never moves; one of one family may get one of the other. */
export function validateServiceCidrUpdate(problems: Problems, { spec }: ServiceCIDR, { spec: old }: ServiceCIDR): void {
  const [now, before] = [spec?.cidrs ?? [], old?.cidrs ?? []];
  if (now.length !== before.length && (before.length !== 1 || now.length !== MAX_CIDRS)) return problems.invalid('spec.cidrs', now, IMMUTABLE);
  for (const [i, cidr] of before.entries()) if (now[i] !== cidr) problems.invalid(`spec.cidrs[${i}]`, now[i], IMMUTABLE);
}

export function validateIpAddress(problems: Problems, { spec }: IPAddress): void {
  const parent = spec?.parentRef;
  if (parent === undefined) return problems.required('spec.parentRef');
  if (parent.group) problems.check('spec.parentRef.group', parent.group, dns1123Subdomain);
  problems.checkRequired('spec.parentRef.resource', parent.resource, pathSegmentName);
  problems.checkRequired('spec.parentRef.name', parent.name, pathSegmentName);
  if (parent.namespace) problems.check('spec.parentRef.namespace', parent.namespace, pathSegmentName);
}

export function validateIpAddressUpdate(problems: Problems, { spec }: IPAddress, { spec: old }: IPAddress): void {
  if (!jsonEqual(spec?.parentRef ?? null, old?.parentRef ?? null)) problems.invalid('spec.parentRef', spec?.parentRef ?? null, IMMUTABLE);
}
