import type { JSONSchemaProps, ValidationRule } from '#api/generated/apiextensions/v1.ts';
import type { Problems } from '#api/validation/problems.ts';
import { FieldPathError, findField } from '../field-path.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const LINE_BREAK = /[\n\r]/;

/** What can be said of rules without compiling them. */
export function checkRuleForm(problems: Problems, schema: JSONSchemaProps, path: string): void {
  for (const [i, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const field = `${path}.x-kubernetes-validations[${i}]`;
    checkTexts(problems, rule, field);
    if (rule.reason !== undefined && !REASONS.includes(rule.reason)) problems.notSupported(`${field}.reason`, rule.reason, REASONS);
    if (rule.fieldPath) checkFieldPath(problems, rule.fieldPath, schema, `${field}.fieldPath`);
  }
}

function checkTexts(problems: Problems, { rule = '', message = '', messageExpression = '' }: ValidationRule, field: string): void {
  if (rule.trim() === '') problems.required(`${field}.rule`, 'rule is not specified');
  else if (message !== '' && message.trim() === '') problems.invalid(`${field}.message`, message, 'must be non-empty if specified');
  else if (LINE_BREAK.test(message.trim())) problems.invalid(`${field}.message`, message, 'must not contain line breaks');
  else if (LINE_BREAK.test(rule.trim()) && message.trim() === '') problems.required(`${field}.message`, 'message must be specified if rule contains line breaks');
  if (messageExpression !== '' && messageExpression.trim() === '') problems.required(`${field}.messageExpression`, 'messageExpression must be non-empty if specified');
}

function checkFieldPath(problems: Problems, path: string, schema: JSONSchemaProps, field: string): void {
  if (path.trim() === '') problems.invalid(field, path, 'must be non-empty if specified');
  if (LINE_BREAK.test(path)) problems.invalid(field, path, 'must not contain line breaks');
  try {
    findField(path, schema, { allowsBrackets: true });
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    problems.invalid(field, path, 'must be a valid path');
  }
}
