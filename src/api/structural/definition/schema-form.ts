import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { Problems } from '#api/validation/problems.ts';
import { checkDefaults, type DefaultsContext } from './default-values.ts';
import { checkOpenApi } from './open-api-form.ts';
import { checkRules } from './rule-costs.ts';
import { structuralFaults } from './structural-form.ts';

/** Go's names of the fields that may stand at the root beside a status subresource, and ours. */
const AT_ROOT: Readonly<Record<string, string>> = {
  description: 'Description', type: 'Type', format: 'Format', title: 'Title', maximum: 'Maximum', exclusiveMaximum: 'ExclusiveMaximum', minimum: 'Minimum', exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength', minLength: 'MinLength', pattern: 'Pattern', maxItems: 'MaxItems', minItems: 'MinItems', uniqueItems: 'UniqueItems', multipleOf: 'MultipleOf', required: 'Required',
  items: 'Items', properties: 'Properties', externalDocs: 'ExternalDocs', example: 'Example', 'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields', 'x-kubernetes-validations': 'XValidations',
};

/** Everything about one `openAPIV3Schema`, cheapest first; rules are compiled only when all else is right. */
export function checkSchema(problems: Problems, schema: JSONSchemaProps, path: string, hasStatus: boolean, context: DefaultsContext): void {
  const own = new Problems();
  if (hasStatus) checkRoot(own, schema, path);
  if (schema.nullable === true) own.forbidden(`${path}.nullable`, 'nullable cannot be true at the root');
  const structural = structuralFaults(schema, path);
  own.causes.push(...structural);
  if (structural.length === 0) checkDefaults(own, schema, path, context);
  checkOpenApi(own, schema, path);
  if (own.causes.length === 0) own.causes.push(...checkRules(context.rules, schema, path).causes);
  problems.causes.push(...own.causes);
}

function checkRoot(problems: Problems, schema: JSONSchemaProps, path: string): void {
  if (schema.type !== undefined && schema.type !== 'object') {
    return problems.invalid(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled');
  }
  if (Object.keys(schema).some((field) => !Object.hasOwn(AT_ROOT, field))) {
    problems.invalid(path, schema, `only [${Object.values(AT_ROOT).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`);
  }
}
