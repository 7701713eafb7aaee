import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { Problems } from '#api/validation/problems.ts';
import { schemasIn } from '../schema-parts.ts';
import { checkDefaults, type DefaultsContext } from './default-values.ts';
import { checkOpenApi, isSet } from './open-api-form.ts';
import { checkRules } from './rule-costs.ts';
import { structuralFaults } from './structural-form.ts';

/** Go's names of the fields that may stand at the root beside a status subresource, and ours. */
const AT_ROOT: Readonly<Record<string, string>> = {
  description: 'Description', type: 'Type', format: 'Format', title: 'Title', maximum: 'Maximum', exclusiveMaximum: 'ExclusiveMaximum', minimum: 'Minimum', exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength', minLength: 'MinLength', pattern: 'Pattern', maxItems: 'MaxItems', minItems: 'MinItems', uniqueItems: 'UniqueItems', multipleOf: 'MultipleOf', required: 'Required',
  items: 'Items', properties: 'Properties', externalDocs: 'ExternalDocs', example: 'Example', 'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields', 'x-kubernetes-validations': 'XValidations',
};

/** Everything about one `openAPIV3Schema`, cheapest first; rules are compiled only where all that they can see is right. */
export function checkSchema(problems: Problems, schema: JSONSchemaProps, path: string, hasStatus: boolean, context: DefaultsContext): void {
  const own = new Problems();
  if (hasStatus) checkRoot(own, schema, path);
  if (schema.nullable === true) own.forbidden(`${path}.nullable`, 'nullable cannot be true at the root');
  const count = own.causes.length;
  const unsupported = unsupportedPart(schema);
  const structural = unsupported === undefined ? structuralFaults(schema, path) : [];
  own.causes.push(...structural);
  if (unsupported === undefined && structural.length === 0) checkDefaults(own, schema, path, context);
  const hasTypes = unsupported === undefined && own.causes.length === count;
  const form = new Problems();
  checkOpenApi(form, schema, path);
  own.causes.push(...form.causes);
  if (unsupported !== undefined && own.causes.length === 0) own.invalid(path, '', `OpenAPIV3Schema '${unsupported}' is not supported`);
  if (hasTypes) own.causes.push(...checkRules(context.rules, schema, path, form.causes.flatMap(({ field = [] }) => field)).causes);
  problems.causes.push(...own.causes);
}

const UNSUPPORTED = { id: 'id', $schema: 'schema', $ref: '$ref', patternProperties: 'patternProperties', dependencies: 'dependencies', additionalItems: 'additionalItems', definitions: 'definitions' } as const;

/** What no structural schema holds: of one that does, only this is told. */
function unsupportedPart(schema: JSONSchemaProps): string | undefined {
  for (const part of schemasIn(schema)) {
    for (const [field, name] of Object.entries(UNSUPPORTED)) if (isSet(part[field as keyof typeof UNSUPPORTED])) return name;
    if (Array.isArray(part.items) && part.items.length > 0) return 'items';
    if (part['x-kubernetes-preserve-unknown-fields'] === false) return 'x-kubernetes-preserve-unknown-fields';
  }
  return undefined;
}

function checkRoot(problems: Problems, schema: JSONSchemaProps, path: string): void {
  if (schema.type !== undefined && schema.type !== 'object') {
    return problems.invalid(`${path}.type`, schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled');
  }
  if (Object.keys(schema).some((field) => !Object.hasOwn(AT_ROOT, field))) {
    problems.invalid(path, schema, `only [${Object.values(AT_ROOT).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`);
  }
}
