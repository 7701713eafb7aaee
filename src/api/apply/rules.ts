import type { FieldFacts, TypeReference } from '#api/facts.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { badRequest } from '#api/status-error.ts';
import { keyStep, valueStep } from './field-set.ts';

/** How a value is merged. `any` is for values without facts: objects by member, all else as a whole. */
export type MergeRule = LeafRule | AnyRule | StructRule | MapRule | ListRule;
export interface LeafRule { readonly form: 'leaf' }
export interface AnyRule { readonly form: 'any' }
export interface MapRule { readonly form: 'map'; readonly element: MergeRule }
export interface ListRule {
  readonly form: 'list';
  readonly element: MergeRule;
  /** Names an item; equal names, equal items. */
  step(item: unknown): string;
}

export const LEAF_RULE: LeafRule = { form: 'leaf' };
export const ANY_RULE: AnyRule = { form: 'any' };

/** A struct's fields are compiled when they are met: types refer to themselves. */
export class StructRule {
  readonly form = 'struct';
  readonly #schema: Schema;
  readonly #struct: StructType;
  readonly #fields = new Map<string, MergeRule>();

  constructor(schema: Schema, struct: StructType) {
    this.#schema = schema;
    this.#struct = struct;
  }

  /** Undefined for what the type does not have. */
  field(name: string): MergeRule | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const facts = this.#struct.fields.get(name);
    if (facts === undefined) return this.#struct.kind && (name === 'apiVersion' || name === 'kind') ? LEAF_RULE : undefined;
    const rule = fieldRule(this.#schema, facts);
    this.#fields.set(name, rule);
    return rule;
  }
}

const rules = new WeakMap<Schema, Map<TypeReference, MergeRule>>();

/** The rule of a kind; it lives as long as the schema. */
export function ruleOf(schema: Schema, reference: TypeReference | undefined): MergeRule {
  if (reference === undefined) return ANY_RULE;
  let known = rules.get(schema);
  if (known === undefined) rules.set(schema, (known = new Map()));
  let rule = known.get(reference);
  if (rule === undefined) known.set(reference, (rule = typeRule(schema, reference)));
  return rule;
}

function typeRule(schema: Schema, reference: TypeReference): MergeRule {
  const shape = schema.shape(reference);
  switch (shape.form) {
    case 'scalar': return shape.scalar === 'JSON' ? ANY_RULE : LEAF_RULE;
    case 'struct': return shape.struct.atomic ? LEAF_RULE : new StructRule(schema, shape.struct);
    case 'map': return { form: 'map', element: ruleOf(schema, shape.element) };
    // Whether a list merges is said by the field that holds it.
    case 'list': return LEAF_RULE;
  }
}

function fieldRule(schema: Schema, facts: FieldFacts): MergeRule {
  if (facts.atomic === true) return LEAF_RULE;
  if (!facts.type.startsWith('[]')) return ruleOf(schema, facts.type);
  const element = facts.type.slice(2);
  if (facts.list === 'set') return { form: 'list', element: LEAF_RULE, step: valueStep };
  if (facts.list !== 'map') return LEAF_RULE;
  return { form: 'list', element: ruleOf(schema, element), step: itemStep(schema, element, facts.keys ?? []) };
}

function itemStep(schema: Schema, element: TypeReference, keys: readonly string[]): (item: unknown) => string {
  const fields = schema.type(element)?.fields;
  const defaults = keys.map((key) => fields?.get(key)?.default);
  return (item) => {
    if (!isJsonObject(item)) throw badRequest('an item of an associative list must be an object');
    const named: Record<string, unknown> = {};
    for (const [i, key] of keys.entries()) {
      const value = item[key] ?? defaults[i];
      if (value !== undefined) named[key] = value;
    }
    if (Object.keys(named).length === 0) throw badRequest(`associative list with keys has an element that omits all key fields ${JSON.stringify(keys)} (and doesn't have default values for any key fields)`);
    return keyStep(named);
  };
}

/** The rule for a value of `any`: what it is decides. */
export function ruleFor(rule: MergeRule, value: unknown): LeafRule | StructRule | MapRule | ListRule {
  if (rule.form !== 'any') return rule;
  return isJsonObject(value) ? ANY_MAP : LEAF_RULE;
}
const ANY_MAP: MapRule = { form: 'map', element: ANY_RULE };

/** The rule of a member of a struct or map; `isNamed` for fields that the type has. */
export function memberRule(rule: StructRule | MapRule, name: string): { readonly rule: MergeRule; readonly isNamed: boolean } {
  if (rule.form === 'map') return { rule: rule.element, isNamed: false };
  const field = rule.field(name);
  return field === undefined ? { rule: ANY_RULE, isNamed: false } : { rule: field, isNamed: true };
}

/** Null and absent are one, as in Go. */
export const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;
export const membersOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
