import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { Problems } from '#api/validation/problems.ts';
import { additionalOf, itemOf, META_FIELDS } from '../schema-parts.ts';
import { checkListKeys, checkListType, checkMapType } from './list-form.ts';
import { checkRuleForm } from './rule-form.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Where in the schema a part stands. */
interface Place {
  /** Why defaults are not allowed here. */
  readonly noDefaults?: string;
  readonly isInMetadata?: boolean;
  readonly isRoot?: boolean;
}

/** What OpenAPI allows and Kubernetes does not, and the extensions' rules. */
export function checkOpenApi(problems: Problems, schema: JSONSchemaProps, path: string, place: Place = { isRoot: true }): void {
  checkStandard(problems, schema, path, place);
  if (schema.uniqueItems === true) problems.forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic');
  checkMembers(problems, schema, path, place);
  checkLogic(problems, schema, path, inner(place));
  const items = itemOf(schema);
  if (items !== undefined) checkOpenApi(problems, items, `${path}.items`, inner(place));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) problems.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined');
  checkMapType(problems, schema, path);
  checkListType(problems, schema, path);
  checkListKeys(problems, schema, path);
  checkRuleForm(problems, schema, path);
}

function inner(place: Place): Place {
  const { isRoot: _, ...below } = place;
  return below;
}

function checkStandard(problems: Problems, schema: JSONSchemaProps, path: string, place: Place): void {
  if (schema.type && !TYPES.includes(schema.type)) problems.notSupported(`${path}.type`, schema.type, TYPES);
  if (schema.default !== undefined && place.noDefaults !== undefined) problems.forbidden(`${path}.default`, `must not be set ${place.noDefaults}`);
  const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;
  for (const field of unsupported) if (isSet(schema[field])) problems.forbidden(`${path}.${field}`, `${field} is not supported`);
  if (schema.type === 'null') problems.forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items) && schema.items.length > 0) problems.forbidden(`${path}.items`, 'items must be a schema object and not an array');
  if (place.isInMetadata === true && schema['x-kubernetes-embedded-resource'] === true) problems.forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta');
}

export const isSet = (value: unknown): boolean => value !== undefined && value !== '' && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function checkMembers(problems: Problems, schema: JSONSchemaProps, path: string, place: Place): void {
  const properties = Object.entries(schema.properties ?? {});
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true && properties.length > 0) {
    problems.forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive');
  }
  const additional = additionalOf(schema);
  if (additional !== undefined) {
    checkOpenApi(problems, additional, `${path}.additionalProperties`, { ...inner(place), ...(place.isInMetadata ? { noDefaults: 'inside additionalProperties applying to object metadata' } : {}) });
  }
  const isResource = place.isRoot === true || schema['x-kubernetes-embedded-resource'] === true;
  for (const [name, property] of properties) {
    const isMeta = isResource && META_FIELDS.includes(name);
    checkOpenApi(problems, property, `${path}.properties[${name}]`, {
      ...inner(place), ...(isMeta ? { isInMetadata: true } : {}), ...(isMeta && place.isRoot ? { noDefaults: `in top-level ${name}` } : {}),
    });
  }
}

function checkLogic(problems: Problems, schema: JSONSchemaProps, path: string, place: Place): void {
  if (schema.not !== undefined) checkOpenApi(problems, schema.not, `${path}.not`, place);
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, one] of (schema[name] ?? []).entries()) checkOpenApi(problems, one, `${path}.${name}[${i}]`, place);
  }
}
