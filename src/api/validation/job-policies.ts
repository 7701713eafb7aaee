import type { Problems } from './problems.ts';
import type { JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicy, SuccessPolicyRule } from '#api/generated/batch/v1.ts';
import { qualifiedName } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEXES_BYTES = 64 * 1024;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATES = ['False', 'True', 'Unknown'];

/** As Go prints a list of quoted texts. */
const quoted = (values: readonly string[]): string => `valid values: [${values.map((value) => JSON.stringify(value)).join(' ')}]`;

export function validateFailurePolicy(problems: Problems, field: string, spec: JobSpec, { rules = [] }: PodFailurePolicy): void {
  if (rules.length > MAX_RULES) problems.tooMany(`${field}.rules`, rules.length, MAX_RULES);
  for (const [i, rule] of rules.entries()) validateRule(problems, `${field}.rules[${i}]`, spec, rule);
}

function validateRule(problems: Problems, field: string, spec: JobSpec, { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule): void {
  if (!action) problems.required(`${field}.action`, quoted(ACTIONS));
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) problems.invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set');
  } else if (!ACTIONS.includes(action)) problems.notSupported(`${field}.action`, action, ACTIONS);
  if (onExitCodes !== undefined) validateExitCodes(problems, `${field}.onExitCodes`, spec, onExitCodes);
  if (onPodConditions.length > MAX_PATTERNS) problems.tooMany(`${field}.onPodConditions`, onPodConditions.length, MAX_PATTERNS);
  for (const [i, { type, status }] of onPodConditions.entries()) {
    const path = `${field}.onPodConditions[${i}]`;
    problems.check(`${path}.type`, type, qualifiedName);
    if (!status) problems.required(`${path}.status`, quoted(STATES));
    else if (!STATES.includes(status)) problems.notSupported(`${path}.status`, status, STATES);
  }
  if (onExitCodes !== undefined && onPodConditions.length > 0) problems.invalidOmitted(field, 'specifying both OnExitCodes and OnPodConditions is not supported');
  if (onExitCodes === undefined && onPodConditions.length === 0) problems.invalidOmitted(field, 'specifying one of OnExitCodes and OnPodConditions is required');
}

function validateExitCodes(problems: Problems, field: string, { template }: JobSpec, { operator, containerName, values = [] }: PodFailurePolicyOnExitCodesRequirement): void {
  if (!operator) problems.required(`${field}.operator`, quoted(OPERATORS));
  else if (!OPERATORS.includes(operator)) problems.notSupported(`${field}.operator`, operator, OPERATORS);
  const containers = [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])];
  if (containerName !== undefined && !containers.some(({ name }) => name === containerName)) problems.invalid(`${field}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template');
  if (values.length === 0) problems.invalid(`${field}.values`, values, 'at least one value is required');
  else if (values.length > MAX_EXIT_CODES) problems.tooMany(`${field}.values`, values.length, MAX_EXIT_CODES);
  const first = firstIndexes(values);
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) problems.invalid(`${field}.values[${i}]`, value, 'must not be 0 for the In operator');
    if (first.get(value) !== i) problems.duplicate(`${field}.values[${i}]`, value);
  }
  if (values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value)) problems.invalid(`${field}.values`, values, 'must be ordered');
}

export function validateSuccessPolicy(problems: Problems, field: string, spec: JobSpec, policy: SuccessPolicy): void {
  if (spec.completionMode !== 'Indexed') return problems.invalid(field, policy, 'requires indexed completion mode');
  const rules = policy.rules ?? [];
  if (rules.length === 0) problems.required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified');
  if (rules.length > MAX_RULES) problems.tooMany(`${field}.rules`, rules.length, MAX_RULES);
  for (const [i, rule] of rules.entries()) validateSuccessRule(problems, `${field}.rules[${i}]`, rule, spec.completions ?? 0);
}

function validateSuccessRule(problems: Problems, field: string, { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule, completions: number): void {
  if (count === undefined && indexes === undefined) problems.required(field, 'at least one of succeededCount or succeededIndexes must be specified');
  let total = 0;
  if (indexes !== undefined) {
    if (indexes.length > MAX_INDEXES_BYTES) problems.tooLong(`${field}.succeededIndexes`, MAX_INDEXES_BYTES);
    const counted = countIndexes(indexes, completions);
    if (typeof counted === 'string') problems.invalid(`${field}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted}`);
    else total = counted;
  }
  if (count === undefined) return;
  problems.atLeast(`${field}.succeededCount`, count, 0);
  if (count > completions) problems.invalid(`${field}.succeededCount`, count, `must be less than or equal to ${completions} (the number of specified completions)`);
  if (indexes !== undefined && count > total) problems.invalid(`${field}.succeededCount`, count, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`);
}

/** How many indexes `1,3-5` names, or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0;
  let [total, last]: [number, number | undefined] = [0, undefined];
  for (const interval of text.split(',')) {
    const parts = interval.split('-');
    if (parts.length > 2) return `the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    for (const part of parts) {
      if (!/^[-+]?\d+$/.test(part)) return `cannot convert string to integer for index: ${JSON.stringify(part)}`;
      if (Number(part) >= completions) return `too large index: ${JSON.stringify(part)}`;
    }
    const [first = 0, end = first] = parts.map(Number);
    if (parts.length === 2 && first >= end) return `non-increasing order, previous: ${first}, current: ${end}`;
    if (last !== undefined && last >= first) return `non-increasing order, previous: ${last}, current: ${first}`;
    total += end - first + 1;
    last = end;
  }
  return total;
}
