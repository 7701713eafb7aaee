import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import { goQuote } from '#api/go-text.ts';
import type { Schema } from '#api/schema.ts';
import { plainError } from '#api/status-error.ts';

/** How strategic merge patch merges a field. */
export interface FieldRule {
  /** Of the field's value; of a list, of its items. */
  readonly type: TypeReference;
  /** The same in Go. */
  readonly kind: string;
  readonly mergeKey: string | undefined;
  readonly strategy: 'merge' | 'replace' | undefined;
}

/** Of an object that is merged into an object. @throws StatusError without a reason when the type has no such field */
export function memberRule(schema: Schema, type: TypeReference, name: string): FieldRule {
  // What has no type has no rules: our own kinds hold such objects.
  return type === 'JSON' ? { type, kind: 'struct', mergeKey: undefined, strategy: undefined } : ruleOf(schema, factsOf(schema, type, name));
}

/** Of a list that is merged into a list. @throws StatusError without a reason when the type has no such list */
export function listRule(schema: Schema, type: TypeReference, name: string): FieldRule {
  if (type === 'JSON') return memberRule(schema, type, name);
  const facts = factsOf(schema, type, name);
  if (!facts.type.startsWith('[]') && facts.pointer !== true) throw plainError('expected slice or array type, but got: struct');
  const element = facts.type.startsWith('[]') ? facts.type.slice('[]'.length) : facts.type;
  if (facts.type !== element && kindOf(schema, element) === 'slice') throw plainError('unexpected slice of slice');
  return ruleOf(schema, { ...facts, type: element });
}

function factsOf(schema: Schema, type: TypeReference, name: string): FieldFacts {
  const kind = kindOf(schema, type);
  if (kind !== 'struct') throw plainError(`merging an object in json but data type is not struct, instead is: ${kind}`);
  const facts = schema.type(type)?.fields.get(name);
  if (facts === undefined) throw plainError(`unable to find api field in struct ${schema.type(type)?.name ?? type} for the json field ${goQuote(name)}`);
  return facts;
}

function ruleOf(schema: Schema, { type, mergeKey, strategy }: FieldFacts): FieldRule {
  const strategies = strategy?.split(',') ?? [];
  return { type, kind: kindOf(schema, type), mergeKey, strategy: strategies.includes('merge') ? 'merge' : strategies.includes('replace') ? 'replace' : undefined };
}

const SCALAR_KINDS: Partial<Record<ScalarType, string>> = { string: 'string', bool: 'bool', int32: 'int32', int64: 'int64', double: 'float64', bytes: 'slice' };

function kindOf(schema: Schema, type: TypeReference): string {
  const shape = schema.shape(type);
  return shape.form === 'scalar' ? SCALAR_KINDS[shape.scalar] ?? 'struct' : shape.form === 'list' ? 'slice' : shape.form;
}
