import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { HeadwayError } from '#base/errors.ts';
import { childPath, propertyOf } from './schema-parts.ts';

export interface FoundField {
  /** Without leading dot, keys of maps in brackets. */
  readonly path: string;
  readonly schema: JSONSchemaProps | undefined;
}

/** A path such as `.spec.tags['a.b']` leads nowhere in the schema. */
export class FieldPathError extends HeadwayError {
  readonly code = 'field-path';
  readonly isRetryable = false;

  constructor(message: string) {
    super(message, {});
  }
}

/**
 * Follows the path of a rule's `fieldPath`, or of a selectable field, through the schema.
 * @throws FieldPathError
 */
export function findField(text: string, schema: JSONSchemaProps, { allowsBrackets }: { readonly allowsBrackets: boolean }): FoundField {
  let found: FoundField = { path: '', schema };
  for (let rest = text; rest !== '';) {
    const step = nextStep(rest, allowsBrackets);
    rest = rest.slice(step.length);
    found = follow(found, step.name);
  }
  return found;
}

function nextStep(rest: string, allowsBrackets: boolean): { readonly name: string; readonly length: number } {
  if (rest.startsWith('.')) {
    const name = /^\.([^.[\]]+)/.exec(rest)?.[1];
    if (name === undefined) throw new FieldPathError(rest.length > 1 ? 'does not refer to a valid field' : 'unexpected end of JSON path');
    return { name, length: name.length + 1 };
  }
  if (!rest.startsWith('[')) throw new FieldPathError(`expected [ or . but got: ${/^[^.[\]]+/.exec(rest)?.[0] ?? rest[0]}`);
  if (!allowsBrackets) throw new FieldPathError('array notation is not allowed');
  const match = /^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
  if (match !== null) return { name: unescape(match[1] ?? ''), length: match[0].length };
  const token = /^\[([^.[\]]*)/.exec(rest)?.[1] ?? '';
  throw new FieldPathError(token === '' ? 'unexpected end of JSON path' : token.startsWith("'") ? 'expected ] but got end of path' : `expected single quoted string but got ${token}`);
}

function follow({ path, schema }: FoundField, name: string): FoundField {
  if (schema?.properties !== undefined) {
    const property = propertyOf(schema, name);
    if (property === undefined) throw new FieldPathError('does not refer to a valid field');
    return { path: childPath(path, name), schema: property };
  }
  if (schema?.additionalProperties === undefined) throw new FieldPathError('does not refer to a valid field');
  return { path: `${path}[${name}]`, schema: typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined };
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' };
const unescape = (text: string): string => text.replaceAll(/\\(.)/gs, (match, c: string) => {
  const plain = ESCAPES[c];
  if (plain === undefined) throw new FieldPathError(`invalid string literal: invalid escape char ${match}`);
  return plain;
});
