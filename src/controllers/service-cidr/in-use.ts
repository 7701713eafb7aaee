import type { IPAddress, ServiceCIDR } from '#api/generated/networking/v1.ts';
import { type Cidr, contains, covers, parseCidr } from '#api/ip.ts';

/** Addresses that the server itself gave to Services; those that users made belong to no range. */
const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by';
const MANAGER = 'ipallocator.k8s.io';

const rangesOf = ({ spec }: ServiceCIDR): readonly Cidr[] => (spec.cidrs ?? []).map(parseCidr).filter((cidr) => cidr !== undefined);

/** Whether addresses of Services would lie in no range any more if this one went. */
export function isInUse(cidr: ServiceCIDR, others: readonly ServiceCIDR[], addresses: readonly IPAddress[]): boolean {
  const remaining = others.filter(({ metadata }) => metadata.name !== cidr.metadata.name && metadata.deletionTimestamp === undefined).flatMap(rangesOf);
  const own = rangesOf(cidr).filter((range) => !remaining.some((other) => covers(other, range)));
  if (own.length === 0) return false;
  const given = addresses.filter(({ metadata }) => metadata.labels?.[MANAGED_BY_LABEL] === MANAGER).map(({ metadata }) => metadata.name);
  return given.some((ip) => own.some((range) => contains(range, ip)) && !remaining.some((range) => contains(range, ip)));
}
