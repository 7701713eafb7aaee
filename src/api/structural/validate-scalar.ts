import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { jsonEqual } from '#api/json.ts';
import type { Findings } from './findings.ts';
import { stringFormat } from './formats.ts';
import { compilePattern, type Matcher, PatternError } from './pattern.ts';
import { compileNumber } from './validate-number.ts';

type ScalarCheck = (value: unknown, path: string, findings: Findings) => void;
type StringCheck = (value: string, path: string, findings: Findings) => void;

/** The checks of strings and numbers, and of `enum`, which stands apart because it is asked of null too. */
export function compileScalars(schema: JSONSchemaProps, types: readonly string[], format: string): { readonly check: ScalarCheck; readonly enumeration?: ScalarCheck } {
  const text = compileString(schema, types, format);
  const numeric = compileNumber(schema, types, format);
  const enumeration = compileEnum(schema);
  const check: ScalarCheck = (value, path, findings) => {
    if (typeof value === 'string') text?.(value, path, findings);
    else if (typeof value === 'number' || typeof value === 'bigint') numeric?.(value, path, findings);
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
    if (value === null || !allowed.some((one) => isSame(one, value))) findings.problems.notSupported(path, value, texts);
  };
}

/** A value is brought into the type of the allowed one: a double meets an integer by its whole part. */
function isSame(allowed: unknown, value: unknown): boolean {
  if (typeof allowed === 'number' && Number.isSafeInteger(allowed) && typeof value === 'number') return Math.trunc(value) === allowed;
  return jsonEqual(allowed, value);
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
    if (hasFormat !== undefined) findings.matches += 1;
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
