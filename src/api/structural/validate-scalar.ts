import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { jsonEqual } from '#api/json.ts';
import type { Findings } from './findings.ts';
import { stringFormat } from './formats.ts';
import { compilePattern, type Matcher, PatternError } from './pattern.ts';

type ScalarCheck = (value: unknown, path: string, findings: Findings) => void;
type NumberCheck = (value: number, path: string, findings: Findings) => void;
type StringCheck = (value: string, path: string, findings: Findings) => void;

/** The checks of strings and numbers, and of `enum`, which stands apart because it is asked of null too. */
export function compileScalars(schema: JSONSchemaProps, types: readonly string[], format: string): { readonly check: ScalarCheck; readonly enumeration?: ScalarCheck } {
  const text = compileString(schema, types, format);
  const numeric = compileNumber(schema);
  const enumeration = compileEnum(schema);
  const check: ScalarCheck = (value, path, findings) => {
    if (typeof value === 'string') text?.(value, path, findings);
    else if (typeof value === 'number') numeric?.(value, path, findings);
    enumeration?.(value, path, findings);
  };
  return { check, ...(enumeration ? { enumeration } : {}) };
}

function compileEnum(schema: JSONSchemaProps): ScalarCheck | undefined {
  const allowed = schema.enum;
  if (allowed === undefined || allowed.length === 0) return undefined;
  const texts = allowed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return (value, path, findings) => {
    // Null is never among them, in Kubernetes either.
    if (value === null || !allowed.some((one) => jsonEqual(one, value))) findings.problems.notSupported(path, value, texts);
  };
}

function compileString(schema: JSONSchemaProps, types: readonly string[], format: string): StringCheck | undefined {
  const { maxLength, minLength, pattern } = schema;
  const matches = pattern ? matcherOf(pattern) : undefined;
  const hasFormat = types.includes('integer') || types.includes('number') ? undefined : stringFormat(format);
  if (maxLength === undefined && minLength === undefined && matches === undefined && hasFormat === undefined) return undefined;
  const measured: StringCheck = (value, path, { problems }) => {
    if (maxLength !== undefined && value.length > maxLength && lengthOf(value) > maxLength) problems.tooLong(path, maxLength);
    else if (minLength !== undefined && lengthOf(value) < minLength) problems.invalid(path, value, `${path} in body should be at least ${minLength} chars long`);
    else if (matches?.(value) === false) problems.invalid(path, value, `${path} in body should match '${pattern}'`);
  };
  return (value, path, findings) => {
    measured(value, path, findings);
    if (hasFormat?.(value) === false) findings.problems.typeInvalid(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`);
  };
}

/** Go counts runes. */
const lengthOf = (text: string): number => [...text].length;

/** Compiled at first use: definitions have hundreds, of which most are never asked. */
function matcherOf(pattern: string): Matcher {
  let matches: Matcher | undefined;
  return (text) => (matches ??= compiledOrNone(pattern))(text);
}

/** A pattern that does not compile matches nothing; definitions with such are refused. */
function compiledOrNone(pattern: string): Matcher {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (error instanceof PatternError) return () => false;
    throw error;
  }
}

function compileNumber(schema: JSONSchemaProps): NumberCheck | undefined {
  const { maximum, minimum, multipleOf, exclusiveMaximum = false, exclusiveMinimum = false } = schema;
  if (maximum === undefined && minimum === undefined && multipleOf === undefined) return undefined;
  return (value, path, findings) => {
    // Integers are compared with the whole part of a bound, as in go-openapi.
    const bound = (limit: number): number => (Number.isInteger(value) ? Math.trunc(limit) : limit);
    const wrong = (words: string): void => findings.problems.invalid(path, value, `${path} in body should be ${words}`);
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) wrong(`a multiple of ${bound(multipleOf) || multipleOf}`);
    const [min, max] = [minimum === undefined ? undefined : bound(minimum), maximum === undefined ? undefined : bound(maximum)];
    if (min !== undefined && (exclusiveMinimum ? value <= min : value < min)) wrong(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${min}`);
    if (max !== undefined && (exclusiveMaximum ? value >= max : value > max)) wrong(`less than ${exclusiveMaximum ? '' : 'or equal to '}${max}`);
    findings.matches += 1;
  };
}

function isMultiple(value: number, factor: number): boolean {
  if (Number.isInteger(value) && Math.trunc(factor) !== 0) return value % Math.trunc(factor) === 0;
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const epsilon = 1e-9;
  return Math.abs(quotient - Math.round(quotient)) <= epsilon * Math.max(1, Math.abs(quotient));
}
