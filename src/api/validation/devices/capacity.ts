import type { Problems } from '../problems.ts';
import { isMore } from '../resource-names.ts';
import { checkSet } from './parts.ts';
import type { CapacityRequestPolicyRange, DeviceCapacity } from '#api/generated/resource/v1.ts';
import { add, canonicalQuantity, formatQuantity, parseQuantity, units } from '#api/quantity.ts';

const MAX_OPTIONS = 10;

interface Amounts {
  /** What a request gets that asks for nothing. */
  readonly usual: string | number;
  /** What the device has. */
  readonly value: string | number;
}

const text = (amount: string | number): string => canonicalQuantity(amount) ?? String(amount);

/** How much of a shared device a request may ask for. */
export function validateCapacity(problems: Problems, field: string, { value, requestPolicy: policy }: DeviceCapacity, isShared: boolean): void {
  if (policy === undefined) return;
  if (!isShared) return problems.forbidden(field, 'allowMultipleAllocations must be true');
  const { default: usual, validValues = [], validRange: range } = policy;
  if (validValues.length > 0 && range !== undefined) return problems.forbidden(field, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time');
  const given = validValues.length > 0 ? 'validValues' : range === undefined ? undefined : 'validRange';
  if (given === undefined) return;
  if (usual === undefined) return problems.required(`${field}.default`, `required when ${given} is defined`);
  if (range === undefined) validateOptions(problems, `${field}.validValues`, validValues, { usual, value });
  else validateRange(problems, `${field}.validRange`, range, { usual, value });
}

function validateOptions(problems: Problems, field: string, options: readonly (string | number)[], { usual, value }: Amounts): void {
  for (const [i, option] of options.entries()) if (isMore(options[i - 1], option)) problems.invalid(`${field}[${i}]`, text(option), 'values must be sorted in ascending order');
  checkSet(problems, field, options, {
    max: MAX_OPTIONS, key: (option) => String(units(parseQuantity(option))),
    check(option, at) { if (isMore(option, value)) problems.invalid(at, text(option), `option is larger than capacity value: ${text(value)}`); },
  });
  // Of too many options none is looked at.
  const isOption = options.length <= MAX_OPTIONS && options.some((option) => !isMore(option, usual) && !isMore(usual, option));
  if (!isOption) problems.invalid(field, text(usual), 'default value is not valid according to the requestPolicy');
}

function validateRange(problems: Problems, field: string, { min, max, step }: CapacityRequestPolicyRange, { usual, value }: Amounts): void {
  if (min === undefined) return problems.required(`${field}.min`, 'required when validRange is defined');
  if (isMore(min, value)) problems.invalid(`${field}.min`, text(min), `min is larger than capacity value: ${text(value)}`);
  if (isMore(min, usual)) problems.invalid(`${field}.min`, text(usual), `default is less than min: ${text(min)}`);
  if (max !== undefined) {
    if (isMore(min, max)) problems.invalid(`${field}.max`, text(min), `min is larger than max: ${text(max)}`);
    if (isMore(max, value)) problems.invalid(`${field}.max`, text(max), `max is larger than capacity value: ${text(value)}`);
    if (isMore(usual, max)) problems.invalid(`${field}.max`, text(usual), `default is more than max: ${text(max)}`);
  }
  if (step === undefined) return;
  if (!isMore(step, 0)) return problems.invalid(`${field}.step`, text(step), 'must be greater than zero');
  const first = formatQuantity(add(parseQuantity(min), parseQuantity(step)));
  if (isMore(first, value)) problems.invalid(`${field}.step`, text(step), `one step ${first} is larger than capacity value: ${text(value)}`);
  for (const amount of max === undefined ? [usual] : [usual, max]) {
    const steps = (units(parseQuantity(amount)) - units(parseQuantity(min))) % units(parseQuantity(step));
    if (steps !== 0) problems.invalid(`${field}.step`, text(amount), `value is not a multiple of a given step (${text(step)}) from (${text(min)})`);
  }
}
