import { checkCidr, familyOf, isCidr } from './addresses.ts';
import { goForm, NODE_ADDRESS } from './go-form.ts';
import { parseJsonList, parseJsonObject } from './json-text.ts';
import type { Problems } from './problems.ts';
import { checkAmount } from './resource-names.ts';
import { validateTaints } from './tolerations.ts';
import type { Node, NodeStatus, PreferAvoidPodsEntry, Taint } from '#api/generated/core/v1.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const TAINTS = 'scheduler.alpha.kubernetes.io/taints';
const AVOID = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const MAX_FEATURE = 253;
const FEATURE_FORM = "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

export function validateNode(problems: Problems, node: Node, _resource: unknown, old: Node | undefined): void {
  const { metadata, spec, status } = node;
  validateAnnotations(problems, metadata.annotations);
  validateTaints(problems, 'metadata.taints', spec?.taints ?? []);
  checkAmounts(problems, status);
  const swap = status?.nodeInfo?.swap?.capacity;
  if (swap !== undefined && swap <= 0) problems.invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than zero');
  checkFeatures(problems, status?.declaredFeatures ?? []);
  checkRanges(problems, spec?.podCIDRs ?? [], old?.spec?.podCIDRs);
}

function checkAmounts(problems: Problems, status: NodeStatus | undefined): void {
  for (const list of ['capacity', 'allocatable'] as const) for (const [name, amount] of Object.entries(status?.[list] ?? {})) checkAmount(problems, `status.${list}.${name}`, name, amount);
}

/** Annotations from before there were fields for it. */
function validateAnnotations(problems: Problems, annotations: Readonly<Record<string, string>> = {}): void {
  const { [TAINTS]: taints, [AVOID]: avoid } = annotations;
  if (taints) {
    const list = parseJsonList(taints, '[]core.Taint');
    if (list.fault === undefined) validateTaints(problems, `metadata.annotations.${TAINTS}`, list.value as readonly unknown[] as readonly Taint[]);
    else problems.invalid('metadata.annotations', TAINTS, list.fault);
  }
  if (!avoid) return;
  const decoded = parseJsonObject(avoid, 'v1.AvoidPods');
  if (decoded.fault !== undefined) return problems.invalid('metadata.annotations.AvoidPods', AVOID, decoded.fault);
  const { preferAvoidPods: entries } = decoded.value as { readonly preferAvoidPods?: unknown };
  for (const [i, entry] of (Array.isArray(entries) ? entries as readonly (Partial<PreferAvoidPodsEntry> | null)[] : []).entries()) {
    const field = `metadata.annotations.${AVOID}[${i}].PodSignature`;
    const controller = entry?.podSignature?.podController ?? undefined;
    if (controller === undefined) problems.required(field);
    else if (controller.controller !== true) problems.invalid(`${field}.PodController.Controller`, false, 'must point to a controller');
  }
}

/** One range, or one of each family. */
function checkRanges(problems: Problems, ranges: readonly string[], kept: readonly string[] | undefined): void {
  for (const [i, range] of ranges.entries()) checkCidr(problems, `spec.podCIDRs[${i}]`, range, kept);
  if (ranges.length < 2) return;
  const families = ranges.map((range) => familyOf(range.split('/')[0] ?? ''));
  const wrong = ranges.findIndex((range) => !isCidr(range));
  if (wrong >= 0) problems.internal('spec.podCIDRs', `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`);
  if (wrong >= 0 || new Set(families).size < ranges.length) problems.invalid('spec.podCIDRs', ranges, 'may specify no more than one CIDR for each IP family');
}

/** Scheduler and node compare the lists, so they are in one order. */
function checkFeatures(problems: Problems, features: readonly string[]): void {
  const at = (i: number): string => `status.declaredFeatures[${i}]`;
  for (const [i, feature] of features.entries()) {
    const before = features[i - 1];
    const fault = feature.length > MAX_FEATURE ? `must be no more than ${MAX_FEATURE} characters` : FEATURE.test(feature) ? undefined : FEATURE_FORM;
    if (fault !== undefined) problems.invalid(at(i), feature, `invalid feature name ${JSON.stringify(feature)}: ${fault}`);
    if (before === undefined) continue;
    if (before === feature) problems.duplicate(at(i), feature);
    else if (before > feature) problems.invalid(at(i), feature, 'list must be sorted alphabetically');
  }
}

/** For writes of the status as well: of others, Kubernetes tells some faults twice. */
export function validateNodeUpdate(problems: Problems, { metadata, spec, status }: Node, { spec: old }: Node): void {
  validateAnnotations(problems, metadata.annotations);
  checkAmounts(problems, status);
  checkFeatures(problems, status?.declaredFeatures ?? []);
  const addresses = status?.addresses ?? [];
  const first = firstIndexes(addresses.map(({ type, address }) => JSON.stringify([type, address])));
  for (const [i, address] of addresses.entries()) if (first.get(JSON.stringify([address.type, address.address])) !== i) problems.duplicate(`status.addresses[${i}]`, goForm(address, NODE_ADDRESS));
  const [ranges, oldRanges] = [spec?.podCIDRs ?? [], old?.podCIDRs ?? []];
  const changes = ranges.length === oldRanges.length ? oldRanges.filter((range, i) => range !== ranges[i]) : oldRanges.slice(0, 1);
  for (const _ of changes) problems.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  if (old?.providerID && old.providerID !== spec?.providerID) problems.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
  validateTaints(problems, 'metadata.taints', spec?.taints ?? []);
  if ((old?.externalID ?? '') !== (spec?.externalID ?? '')) problems.forbidden('spec.externalID', 'may not be updated');
}
