import type { FieldSelectorAttributes, LabelSelectorAttributes, ResourceAttributes } from '#api/generated/authorization/v1.ts';
import { qualifiedName } from '#api/names.ts';
import { tryParseFieldSelector } from '#api/selectors/fields.ts';
import { tryParseRequirements } from '#api/selectors/requirements.ts';
import type { Problems } from '#api/validation/problems.ts';
import { checkOperands, checkValues } from '#api/validation/selector.ts';

type Selector = FieldSelectorAttributes | LabelSelectorAttributes;
type Term = NonNullable<Selector['requirements']>[number];

const LABEL_OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** The selectors of the list or watch that a review asks about. */
export function validateSelectors(problems: Problems, { fieldSelector, labelSelector }: ResourceAttributes): void {
  if (fieldSelector) validateSelector(problems, 'spec.resourceAttributes.fieldSelector', fieldSelector, checkFieldTerm);
  if (labelSelector) validateSelector(problems, 'spec.resourceAttributes.labelSelector', labelSelector, checkLabelTerm);
}

function validateSelector(problems: Problems, field: string, { rawSelector = '', requirements = [] }: Selector, check: typeof checkFieldTerm): void {
  if (rawSelector !== '' && requirements.length > 0) problems.invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements');
  if (rawSelector === '' && requirements.length === 0) problems.required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`);
  for (const [i, requirement] of requirements.entries()) check(problems, `${field}.requirements[${i}]`, requirement);
}

/** Clients that are newer may know operators that are unknown here. */
function checkFieldTerm(problems: Problems, path: string, term: Term): void {
  if (!term.key) problems.required(`${path}.key`, 'must be specified');
  checkOperands(problems, path, term);
}

function checkLabelTerm(problems: Problems, path: string, term: Term): void {
  checkOperands(problems, path, term);
  problems.check(`${path}.key`, term.key, qualifiedName);
  checkValues(problems, path, term.values);
}

/** By what a review asks. What cannot be read is left out, and told: less narrow is less allowed. */
export interface ReadSelectors {
  /** As a query would give it. */
  readonly fieldSelector: string;
  readonly faults: readonly string[];
}

export function readSelectors({ fieldSelector, labelSelector }: ResourceAttributes): ReadSelectors {
  const fields = fieldSelector && termsOf(fieldSelector, (text) => tryParseFieldSelector(text) !== undefined, fieldTerm);
  const labels = labelSelector && termsOf(labelSelector, (text) => tryParseRequirements(text) !== undefined, labelTerm);
  const faults = [...faultOf('fieldSelector', fields), ...faultOf('labelSelector', labels)];
  return { fieldSelector: fields?.terms.join(',') ?? '', faults };
}

interface Terms {
  readonly terms: readonly string[];
  readonly isWhole: boolean;
}

const faultOf = (name: string, read: Terms | undefined): readonly string[] =>
  (read === undefined || read.isWhole ? [] : [`spec.resourceAttributes.${name} ${read.terms.length > 0 ? 'partially ignored' : 'ignored'} due to parse error`]);

function termsOf({ rawSelector = '', requirements = [] }: Selector, isRead: (text: string) => boolean, termOf: (term: Term) => string | undefined): Terms {
  if (rawSelector !== '') return isRead(rawSelector) ? { terms: [rawSelector], isWhole: true } : { terms: [], isWhole: false };
  const terms = requirements.flatMap((requirement) => termOf(requirement) ?? []);
  return { terms, isWhole: terms.length === requirements.length };
}

/** Undefined for what a selector of fields in a query cannot say. */
function fieldTerm({ key, operator, values: [value, ...more] = [] }: Term): string | undefined {
  if (value === undefined || more.length > 0 || (operator !== 'In' && operator !== 'NotIn')) return undefined;
  return `${key}${operator === 'In' ? '=' : '!='}${value.replaceAll(/[\\,=]/g, '\\$&')}`;
}

const labelTerm = ({ key, operator }: Term): string | undefined => (LABEL_OPERATORS.includes(operator) ? key : undefined);
