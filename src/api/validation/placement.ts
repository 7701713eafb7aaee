import { validateNodeSelector, validateNodeTerm } from './node-selector.ts';
import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import type { Affinity, PodAffinity, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { dns1123Label, qualifiedName } from '#api/names.ts';

const MAX_WEIGHT = 100;

export function validateAffinity(problems: Problems, field: string, { nodeAffinity, podAffinity, podAntiAffinity }: Affinity): void {
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required !== undefined) validateNodeSelector(problems, `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`, required);
  for (const [i, { weight, preference }] of (nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    checkWeight(problems, path, weight);
    validateNodeTerm(problems, `${path}.preference`, preference ?? {}, false);
  }
  if (podAffinity !== undefined) validatePodAffinity(problems, `${field}.podAffinity`, podAffinity);
  if (podAntiAffinity !== undefined) validatePodAffinity(problems, `${field}.podAntiAffinity`, podAntiAffinity);
}

function checkWeight(problems: Problems, field: string, weight: number | undefined): void {
  if (weight === undefined || weight <= 0 || weight > MAX_WEIGHT) problems.invalid(`${field}.weight`, weight ?? 0, `must be in the range 1-${MAX_WEIGHT}`);
}

function validatePodAffinity(problems: Problems, field: string, affinity: PodAffinity): void {
  for (const [i, term] of (affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries()) validateTerm(problems, `${field}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term);
  for (const [i, { weight, podAffinityTerm }] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const path = `${field}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    checkWeight(problems, path, weight);
    validateTerm(problems, `${path}.podAffinityTerm`, podAffinityTerm ?? { topologyKey: '' });
  }
}

function validateTerm(problems: Problems, field: string, term: PodAffinityTerm): void {
  validateSelector(problems, `${field}.labelSelector`, term.labelSelector);
  validateSelector(problems, `${field}.namespaceSelector`, term.namespaceSelector);
  for (const name of term.namespaces ?? []) problems.check(`${field}.namespace`, name, dns1123Label);
  validateLabelKeys(problems, field, term);
  if (!term.topologyKey) problems.required(`${field}.topologyKey`, 'can not be empty');
  problems.check(`${field}.topologyKey`, term.topologyKey, qualifiedName);
}

interface LabelKeys {
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
  readonly labelSelector?: LabelSelector | undefined;
}

/** Keys whose values come from the pod's own labels: none may be in both lists, nor be selected twice. */
function validateLabelKeys(problems: Problems, field: string, { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: LabelKeys): void {
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length > 0 && labelSelector === undefined) problems.forbidden(`${field}.${name}`, 'must not be specified when labelSelector is not set');
    else for (const [i, key] of keys.entries()) problems.check(`${field}.${name}[${i}]`, key, qualifiedName);
  }
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    if (matchLabelKeys.includes(key) && selected.has(key)) problems.invalid(`${field}[${matchLabelKeys.indexOf(key)}]`, key, 'exists in both matchLabelKeys and labelSelector');
    selected.add(key);
  }
  for (const [i, key] of matchLabelKeys.entries()) if (mismatchLabelKeys.includes(key)) problems.invalid(`${field}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys');
}

export function validateSpread(problems: Problems, path: string, { topologySpreadConstraints: constraints = [] }: PodSpec): void {
  for (const [i, constraint] of constraints.entries()) {
    const field = `${path}.topologySpreadConstraints[${i}]`;
    validateConstraint(problems, field, constraint);
    const isRepeated = constraints.slice(i + 1).some((other) => other.topologyKey === constraint.topologyKey && other.whenUnsatisfiable === constraint.whenUnsatisfiable);
    if (isRepeated) problems.duplicate(`${field}.{topologyKey, whenUnsatisfiable}`, `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`);
  }
}

function validateConstraint(problems: Problems, field: string, constraint: TopologySpreadConstraint): void {
  const { maxSkew = 0, topologyKey, whenUnsatisfiable, minDomains } = constraint;
  if (maxSkew <= 0) problems.invalid(`${field}.maxSkew`, maxSkew, 'must be greater than zero');
  if (!topologyKey) problems.required(`${field}.topologyKey`, 'can not be empty');
  if (!['DoNotSchedule', 'ScheduleAnyway'].includes(whenUnsatisfiable ?? '')) problems.notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']);
  if (minDomains !== undefined) {
    if (minDomains <= 0) problems.invalid(`${field}.minDomains`, minDomains, 'must be greater than zero');
    if (whenUnsatisfiable !== 'DoNotSchedule') problems.invalid(`${field}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`);
  }
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const value = constraint[name];
    if (value !== undefined && value !== 'Honor' && value !== 'Ignore') problems.notSupported(`${field}.${name}`, value, ['Honor', 'Ignore']);
  }
  validateLabelKeys(problems, field, constraint);
  validateSelector(problems, `${field}.labelSelector`, constraint.labelSelector);
}
