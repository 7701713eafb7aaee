import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { Problems } from '#api/validation/problems.ts';
import { compilePattern, PatternError } from '../pattern.ts';
import { additionalOf, isEmbedded, isIntOrString, itemOf, preservesUnknown } from '../schema-parts.ts';

type Level = 'root' | 'item' | 'field';
const WITHOUT_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root', item: 'must not be empty for specified array items', field: 'must not be empty for specified object fields',
};
const INT_OR_STRING: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }];

/** What keeps a schema from being structural: every value has a type, outside of logic, and what logic names stands outside too. */
export function structuralFaults(schema: JSONSchemaProps, path: string): readonly StatusCause[] {
  const form = new StructuralForm();
  form.check(schema, 'root', path);
  form.checkLogicComplete(schema, schema, path, path);
  return form.problems.causes.toSorted((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1));
}

class StructuralForm {
  readonly problems = new Problems();

  check(schema: JSONSchemaProps, level: Level, path: string): void {
    const items = itemOf(schema);
    if (schema.type === 'array' && items === undefined) this.problems.required(`${path}.items`, 'must be specified');
    if (items !== undefined) this.check(items, 'item', `${path}.items`);
    for (const [name, property] of Object.entries(schema.properties ?? {})) this.check(property, 'field', `${path}.properties[${name}]`);
    if (schema.additionalProperties !== undefined && level === 'root') this.problems.forbidden(`${path}.additionalProperties`, 'must not be used at the root');
    const additional = additionalOf(schema);
    if (additional !== undefined) this.check(additional, 'field', `${path}.additionalProperties`);
    this.#checkExtensions(schema, path);
    this.#checkLogic(schema, isIntOrStringPattern(schema.anyOf), isIntOrStringPattern(schema.allOf?.[0]?.anyOf), path);
    this.#checkType(schema, level, path);
    this.#checkMetadata(schema, level, path);
  }

  #checkExtensions(schema: JSONSchemaProps, path: string): void {
    if (isIntOrString(schema) && preservesUnknown(schema)) this.problems.invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, 'must be false if x-kubernetes-int-or-string is true');
    if (isIntOrString(schema) && isEmbedded(schema)) this.problems.invalid(`${path}.x-kubernetes-embedded-resource`, true, 'must be false if x-kubernetes-int-or-string is true');
  }

  #checkType(schema: JSONSchemaProps, level: Level, path: string): void {
    const type = schema.type ?? '';
    const embedded = 'must be object if x-kubernetes-embedded-resource is true';
    if (isEmbedded(schema) && type === '') this.problems.required(`${path}.type`, embedded);
    else if (isEmbedded(schema) && type !== 'object') this.problems.invalid(`${path}.type`, type, embedded);
    else if (type === '' && !isIntOrString(schema) && !preservesUnknown(schema)) this.problems.required(`${path}.type`, WITHOUT_TYPE[level]);
    if (isEmbedded(schema) && schema.additionalProperties !== undefined) this.problems.forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set');
    if (level === 'root' && type !== '' && type !== 'object') this.problems.invalid(`${path}.type`, type, 'must be object at the root');
  }

  #checkMetadata(schema: JSONSchemaProps, level: Level, path: string): void {
    const { kind, apiVersion, metadata } = schema.properties ?? {};
    if (level === 'root' || isEmbedded(schema)) {
      if (kind !== undefined && kind.type !== 'string') this.problems.invalid(`${path}.properties[kind].type`, kind.type ?? '', 'must be string');
      if (apiVersion !== undefined && apiVersion.type !== 'string') this.problems.invalid(`${path}.properties[apiVersion].type`, apiVersion.type ?? '', 'must be string');
      if (metadata !== undefined && metadata.type !== 'object') this.problems.invalid(`${path}.properties[metadata].type`, metadata.type ?? '', 'must be object');
    }
    if (level === 'root' && metadata !== undefined && !saysNamesOnly(metadata)) this.problems.forbidden(`${path}.properties[metadata]`, 'must not specify anything other than name and generateName, but metadata is implicitly specified');
    if (isEmbedded(schema) && !preservesUnknown(schema) && Object.keys(schema.properties ?? {}).length === 0) {
      this.problems.required(`${path}.properties`, 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields');
    }
  }

  #checkLogic(schema: JSONSchemaProps, skipsAnyOf: boolean, skipsFirstAllOf: boolean, path: string): void {
    if (!skipsAnyOf) for (const [i, one] of (schema.anyOf ?? []).entries()) this.#checkNested(one, `${path}.anyOf[${i}]`);
    for (const [i, one] of (schema.allOf ?? []).entries()) this.#checkNested(one, `${path}.allOf[${i}]`, skipsFirstAllOf && i === 0);
    for (const [i, one] of (schema.oneOf ?? []).entries()) this.#checkNested(one, `${path}.oneOf[${i}]`);
    if (schema.not !== undefined) this.#checkNested(schema.not, `${path}.not`);
    this.#checkPattern(schema.pattern, path);
  }

  #checkPattern(pattern: string | undefined, path: string): void {
    if (!pattern) return;
    try {
      compilePattern(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      this.problems.invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${error.message}`);
    }
  }

  /** Within logic a schema only restricts values: it says nothing of their form. */
  #checkNested(schema: JSONSchemaProps, path: string, skipsAnyOf = false): void {
    this.#checkLogic(schema, skipsAnyOf, false, path);
    const items = itemOf(schema);
    if (items !== undefined) this.#checkNested(items, `${path}.items`);
    for (const [name, property] of Object.entries(schema.properties ?? {})) this.#checkNested(property, `${path}.properties[${name}]`);
    for (const [field, isThere, why] of forbiddenIn(schema)) if (isThere) this.problems.forbidden(`${path}.${field}`, why);
    if (schema.properties !== undefined && Object.hasOwn(schema.properties, 'metadata')) this.problems.forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context');
  }

  checkLogicComplete(logic: JSONSchemaProps, schema: JSONSchemaProps, schemaPath: string, path: string): void {
    const each = (list: readonly JSONSchemaProps[] | undefined, name: string): void => {
      for (const [i, one] of (list ?? []).entries()) this.#checkComplete(one, schema, schemaPath, `${path}.${name}[${i}]`);
    };
    if (logic.not !== undefined) this.#checkComplete(logic.not, schema, schemaPath, `${path}.not`);
    each(logic.allOf, 'allOf');
    each(logic.anyOf, 'anyOf');
    each(logic.oneOf, 'oneOf');
  }

  #checkComplete(nested: JSONSchemaProps, schema: JSONSchemaProps | undefined, schemaPath: string, path: string): void {
    if (schema === undefined) return this.problems.required(schemaPath, `because it is defined in ${path}`);
    this.checkLogicComplete(nested, schema, schemaPath, path);
    const items = itemOf(nested);
    if (items !== undefined) this.#checkComplete(items, itemOf(schema), `${schemaPath}.items`, `${path}.items`);
    for (const [name, property] of Object.entries(nested.properties ?? {})) {
      this.#checkComplete(property, schema.properties?.[name], `${schemaPath}.properties[${name}]`, `${path}.properties[${name}]`);
    }
  }
}

const isIntOrStringPattern = (anyOf: readonly JSONSchemaProps[] | undefined): boolean => anyOf !== undefined && jsonEqual(anyOf, INT_OR_STRING);

function saysNamesOnly(metadata: JSONSchemaProps): boolean {
  const { type: _, default: _d, properties = {}, ...rest } = metadata;
  return Object.keys(rest).length === 0 && Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
}

function forbiddenIn(schema: JSONSchemaProps): readonly (readonly [field: string, isThere: boolean, why: string])[] {
  const [empty, unset, no] = ['must be empty to be structural', 'must be undefined to be structural', 'must be false to be structural'];
  return [
    ['type', Boolean(schema.type), empty], ['additionalProperties', schema.additionalProperties !== undefined && schema.additionalProperties !== false, unset], ['default', schema.default !== undefined, unset],
    ['title', Boolean(schema.title), empty], ['description', Boolean(schema.description), empty], ['nullable', schema.nullable === true, no],
    ['x-kubernetes-preserve-unknown-fields', preservesUnknown(schema), no], ['x-kubernetes-embedded-resource', isEmbedded(schema), no], ['x-kubernetes-int-or-string', isIntOrString(schema), no],
    ['x-kubernetes-list-map-keys', (schema['x-kubernetes-list-map-keys'] ?? []).length > 0, empty], ['x-kubernetes-list-type', schema['x-kubernetes-list-type'] !== undefined, unset],
    ['x-kubernetes-map-type', schema['x-kubernetes-map-type'] !== undefined, unset], ['x-kubernetes-validations', (schema['x-kubernetes-validations'] ?? []).length > 0, empty],
  ];
}
