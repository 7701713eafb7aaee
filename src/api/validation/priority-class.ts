import { IMMUTABLE, type Problems } from './problems.ts';
import type { PriorityClass } from '#api/generated/scheduling/v1.ts';

const PREFIX = 'system-';
/** Above these are only the classes of the system. */
const MAX_USER_VALUE = 1_000_000_000;
const SYSTEM: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 };

export function validatePriorityClass(problems: Problems, { metadata, value = 0, globalDefault = false, preemptionPolicy }: PriorityClass): void {
  const { name } = metadata;
  if (name.startsWith(PREFIX)) {
    const why = systemProblem(name, value, globalDefault);
    if (why) problems.forbidden('metadata.name', `priority class names with '${PREFIX}' prefix are reserved for system use only. error: ${why}`);
  } else if (value > MAX_USER_VALUE) problems.forbidden('value', `maximum allowed value of a user defined priority is ${MAX_USER_VALUE}`);
  problems.optionalOneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never']);
}

function systemProblem(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = SYSTEM[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClassUpdate(problems: Problems, now: PriorityClass, old: PriorityClass): void {
  if ((now.value ?? 0) !== (old.value ?? 0)) problems.forbidden('value', 'may not be changed in an update.');
  if (now.preemptionPolicy !== old.preemptionPolicy) problems.invalid('preemptionPolicy', now.preemptionPolicy ?? null, IMMUTABLE);
}
