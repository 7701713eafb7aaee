import type { FieldSelectorAttributes, LabelSelectorAttributes, ResourceAttributes } from '#api/generated/authorization/v1.ts';
import type { Problems } from '#api/validation/problems.ts';

type Selector = FieldSelectorAttributes | LabelSelectorAttributes;

/** The selectors of the list or watch that a review asks about. */
export function validateSelectors(problems: Problems, { fieldSelector, labelSelector }: ResourceAttributes): void {
  if (fieldSelector) validateSelector(problems, 'spec.resourceAttributes.fieldSelector', fieldSelector);
  if (labelSelector) validateSelector(problems, 'spec.resourceAttributes.labelSelector', labelSelector);
}

function validateSelector(problems: Problems, field: string, { rawSelector = '', requirements = [] }: Selector): void {
  if (rawSelector !== '' && requirements.length > 0) problems.invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements');
  if (rawSelector === '' && requirements.length === 0) problems.required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`);
  for (const [i, { key, operator, values = [] }] of requirements.entries()) {
    const at = `${field}.requirements[${i}]`;
    if (!key) problems.required(`${at}.key`, 'must be specified');
    if ((operator === 'In' || operator === 'NotIn') && values.length === 0) problems.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) problems.forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
}

/** As a query would give it. A requirement that a field selector cannot say is left out: less narrow is less allowed. */
export function fieldSelectorText(selector: FieldSelectorAttributes | undefined): string | undefined {
  if (selector === undefined) return undefined;
  const { rawSelector = '', requirements = [] } = selector;
  if (rawSelector !== '') return rawSelector;
  return requirements.filter((r) => r.operator === 'In' && r.values?.length === 1).map((r) => `${r.key}=${r.values?.[0] ?? ''}`).join(',');
}
