import { checkHostname, checkIp } from '../addresses.ts';
import type { Problems } from '../problems.ts';
import type { Service } from '#api/generated/core/v1.ts';

const MODES = ['Proxy', 'VIP'];

/** Where a load balancer can be reached; other Services have none. */
export function validateServiceStatus(problems: Problems, { spec, status }: Service, { status: old }: Service): void {
  const list = 'status.loadBalancer.ingress';
  const points = status?.loadBalancer?.ingress ?? [];
  const kept = (old?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  if (points.length > 0 && spec.type !== 'LoadBalancer') return problems.forbidden(list, "may only be used when `spec.type` is 'LoadBalancer'");
  for (const [i, { ip, ipMode, hostname }] of points.entries()) {
    if (ip) checkIp(problems, `${list}[${i}].ip`, ip, kept);
    if (ip && ipMode === undefined) problems.required(`${list}[${i}].ipMode`, 'must be specified when `ip` is set');
    if (!ip && ipMode !== undefined) problems.forbidden(`${list}[${i}].ipMode`, 'may not be specified when `ip` is not set');
    else if (ipMode !== undefined && !MODES.includes(ipMode)) problems.notSupported(`${list}[${i}].ipMode`, ipMode, MODES);
    if (hostname) checkHostname(problems, `${list}[${i}].hostname`, hostname);
  }
}
