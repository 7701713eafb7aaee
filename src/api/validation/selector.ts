import type { Problems } from './problems.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { labelValue, qualifiedName } from '#api/names.ts';

interface Requirement {
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether the selector is right. One that is absent is. */
export function validateSelector(problems: Problems, field: string, selector: LabelSelector | undefined): boolean {
  if (selector === undefined) return true;
  const before = problems.causes.length;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    problems.check(`${field}.matchLabels`, key, qualifiedName);
    problems.check(`${field}.matchLabels`, value, labelValue);
  }
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const path = `${field}.matchExpressions[${i}]`;
    checkOperator(problems, path, expression);
    problems.check(`${path}.key`, expression.key, qualifiedName);
    checkValues(problems, path, expression.values);
  }
  return problems.causes.length === before;
}

/** In, NotIn, Exists and DoesNotExist, with as many values as each takes. False for another operator, of which nothing is said. */
export function checkOperands(problems: Problems, path: string, { operator, values = [] }: Requirement): boolean {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) problems.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) problems.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else return false;
  return true;
}

export function checkOperator(problems: Problems, path: string, requirement: Requirement): void {
  if (!checkOperands(problems, path, requirement)) problems.invalid(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator');
}

export function checkValues(problems: Problems, path: string, values: readonly string[] | undefined): void {
  for (const [i, value] of (values ?? []).entries()) problems.check(`${path}.values[${i}]`, value, labelValue);
}
