import { checkCidr } from './addresses.ts';
import type { Problems } from './problems.ts';
import { checkAmount } from './resource-names.ts';
import { validateTaints } from './tolerations.ts';
import type { Node } from '#api/generated/core/v1.ts';
import { parseCidr } from '#api/ip.ts';
import { jsonEqual } from '#api/json.ts';

export function validateNode(problems: Problems, { spec, status }: Node): void {
  validateTaints(problems, 'metadata.taints', spec?.taints ?? []);
  for (const list of ['capacity', 'allocatable'] as const) for (const [name, amount] of Object.entries(status?.[list] ?? {})) checkAmount(problems, `status.${list}.${name}`, name, amount);
  const ranges = spec?.podCIDRs ?? [];
  for (const [i, range] of ranges.entries()) checkCidr(problems, `spec.podCIDRs[${i}]`, range);
  const families = ranges.map((range) => parseCidr(range)?.family);
  if (ranges.length > 1 && new Set(families).size !== ranges.length) problems.invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family');
}

export function validateNodeUpdate(problems: Problems, { spec, status }: Node, { spec: old }: Node): void {
  const addresses = status?.addresses ?? [];
  for (const [i, address] of addresses.entries()) if (addresses.findIndex((other) => jsonEqual(other, address)) < i) problems.duplicate(`status.addresses[${i}]`, address);
  if ((old?.podCIDRs ?? []).length > 0 && !jsonEqual(old?.podCIDRs, spec?.podCIDRs ?? [])) problems.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  if ((old?.externalID ?? '') !== (spec?.externalID ?? '')) problems.forbidden('', 'node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)');
  if (old?.providerID && old.providerID !== spec?.providerID) problems.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
}
