import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { isJsonObject } from '#api/json.ts';
import type { Correlation } from './correlation.ts';
import { type Check, Findings, wrongType } from './findings.ts';
import { effectiveFormat } from './formats.ts';
import { compileLogic } from './validate-logic.ts';
import { isInteger } from './validate-number.ts';
import { compileScalars } from './validate-scalar.ts';
import { additionalOf, childPath, isIntOrString, itemOf } from './schema-parts.ts';

export interface CheckOptions {
  /** Takes `x-kubernetes-int-or-string` for no type, so that any value has it. */
  readonly ignoresIntOrString?: boolean;
}

/**
 * Compiles the check of values by OpenAPI's rules, in the words of kube-openapi's validator. Slow parts (patterns, formats) are made
 * ready once.
 */
export function compileCheck(schema: JSONSchemaProps, options: CheckOptions = {}): Check {
  const types = isIntOrString(schema) && options.ignoresIntOrString !== true ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const format = effectiveFormat(types.length === 1 ? types[0] ?? '' : '', schema.format);
  const isNullable = schema.nullable === true;
  const scalars = compileScalars(schema, types, format);
  const logic = compileLogic(schema, (part) => compileCheck(part, options));
  const list = compileList(schema, options);
  const object = compileObject(schema, options);
  return (value, path, findings, old) => {
    if (value === null) {
      if (types.length > 0 && !isNullable) wrongType(findings, path, types.join(','), 'null');
      else findings.matches += 1;
      scalars.enumeration?.(value, path, findings);
      return;
    }
    checkType(types, format, value, path, findings);
    logic?.(value, path, findings, old);
    scalars.check(value, path, findings);
    if (Array.isArray(value)) list(value, path, findings, old);
    else if (isJsonObject(value)) object(value, path, findings, old);
    findings.matches += 1;
  };
}

/** The faults of a value; `base` is the path of the value in its object. Texts name fields from the value on. */
export function findFaults(check: Check, value: unknown, base = '', old?: Correlation): readonly StatusCause[] {
  const findings = new Findings();
  check(value, '', findings, old);
  return findings.problems.causes.map((cause) => ({ ...cause, field: (cause.field === '' ? base : childPath(base, (cause.field ?? '').replace(/^\./, ''))) || '<nil>' }));
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value !== 'number' && typeof value !== 'bigint' ? typeof value : isInteger(value) ? 'integer' : 'number';
}

const GO_FORMATS: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

function checkType(types: readonly string[], format: string, value: unknown, path: string, findings: Findings): void {
  if (types.length === 0 && format === '') return;
  findings.matches += 1;
  const type = typeOf(value);
  const isRight = types.includes(type) || (type === 'integer' && types.includes('number'));
  const isTextual = type === 'string' || type === 'array';
  // Strings and lists with a format are left to the check of the format, as in go-openapi.
  if (!isTextual && format !== '' && !isRight && GO_FORMATS[type] !== format) return wrongType(findings, path, format, GO_FORMATS[type] ?? '');
  const isLeftToFormat = isTextual && format !== '' && !types.includes('number') && !types.includes('integer');
  if (isRight || isLeftToFormat) findings.matches += 1;
  else wrongType(findings, path, types.join(','), type);
}

function compileList(schema: JSONSchemaProps, options: CheckOptions): Check {
  const { minItems, maxItems, uniqueItems } = schema;
  const items = itemOf(schema);
  const check = items === undefined ? undefined : childCheck(items, options);
  return (value, path, findings, old) => {
    const list = value as readonly unknown[];
    if (check !== undefined) for (let i = 0; i < list.length; i++) check(list[i], `${path}[${i}]`, findings, old?.index(i));
    if (minItems !== undefined && list.length < minItems) findings.problems.invalid(path, list.length, `${path} in body should have at least ${minItems} items`);
    if (maxItems !== undefined && list.length > maxItems) findings.problems.tooMany(path, list.length, maxItems);
    if (uniqueItems === true && new Set(list.map((item) => JSON.stringify(item))).size < list.length) findings.problems.invalid(path, '', `${path} in body shouldn't contain duplicates`);
    findings.matches += 1;
  };
}

function compileObject(schema: JSONSchemaProps, options: CheckOptions): Check {
  const { minProperties, maxProperties, required = [] } = schema;
  const properties = new Map(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, childCheck(property, options)]));
  const extra = additionalOf(schema);
  const additional = extra === undefined ? undefined : childCheck(extra, options);
  const isClosed = schema.additionalProperties === false;
  return (value, path, findings, old) => {
    const object = value as Readonly<Record<string, unknown>>;
    if (minProperties !== undefined || maxProperties !== undefined) {
      const size = Object.keys(object).length;
      if (minProperties !== undefined && size < minProperties) findings.problems.invalid(path, size, `${path} in body should have at least ${minProperties} properties`);
      if (maxProperties !== undefined && size > maxProperties) findings.problems.tooMany(path, size, maxProperties);
    }
    for (const name in object) {
      const property = properties.get(name);
      if (property !== undefined) property(object[name], childPath(path, name), findings, old?.key(name));
      else if (additional !== undefined) additional(object[name], `${path}.${name}`, findings, old?.key(name));
      else if (isClosed) findings.problems.invalid(path, name, `${path}.${name} in body is a forbidden property`);
    }
    for (const name of required) if (!Object.hasOwn(object, name)) findings.problems.required(childPath(path, name));
  };
}

/** Faults of a member or item that has not changed are let through, where that is asked for. */
function childCheck(schema: JSONSchemaProps, options: CheckOptions): Check {
  const check = compileCheck(schema, options);
  return (value, path, findings, old) => {
    if (old === undefined) return check(value, path, findings);
    const own = new Findings();
    check(value, path, own, old);
    if (own.isValid || !old.isUnchanged()) findings.merge(own);
    else findings.matches += own.matches;
  };
}
