import type { Problems } from './problems.ts';
import { checkOperands, checkValues } from './selector.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '#api/generated/core/v1.ts';
import { dns1123Subdomain, labelValue, qualifiedName } from '#api/names.ts';

export function validateNodeSelector(problems: Problems, field: string, selector: NodeSelector, checksValues = true): void {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) problems.required(`${field}.nodeSelectorTerms`, 'must have at least one node selector term');
  for (const [i, term] of terms.entries()) validateNodeTerm(problems, `${field}.nodeSelectorTerms[${i}]`, term, checksValues);
}

/** Whether it names values that no label can have. */
export const hasWrongValues = (selector: NodeSelector | undefined): boolean =>
  (selector?.nodeSelectorTerms ?? []).some(({ matchExpressions = [] }) => matchExpressions.some(({ values = [] }) => values.some((value) => labelValue(value).length > 0)));

/** A preference may name values that no label can have: it is then never met. */
export function validateNodeTerm(problems: Problems, field: string, { matchExpressions = [], matchFields = [] }: NodeSelectorTerm, checksValues: boolean): void {
  for (const [i, expression] of matchExpressions.entries()) {
    const path = `${field}.matchExpressions[${i}]`;
    const { key, operator, values = [] } = expression;
    if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) problems.required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
    } else if (!checkOperands(problems, path, expression)) problems.invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator');
    problems.check(`${path}.key`, key, qualifiedName);
    if (checksValues) checkValues(problems, path, values);
  }
  for (const [i, requirement] of matchFields.entries()) validateField(problems, `${field}.matchFields[${i}]`, requirement);
}

function validateField(problems: Problems, path: string, { key, operator, values = [] }: NodeSelectorRequirement): void {
  if (operator !== 'In' && operator !== 'NotIn') problems.invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator');
  else if (values.length !== 1) problems.required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  if (key !== 'metadata.name') problems.invalid(`${path}.key`, key, 'not a valid field selector key');
  else for (const [i, value] of values.entries()) problems.check(`${path}.values[${i}]`, value, dns1123Subdomain);
}
