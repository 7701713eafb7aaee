import type { FieldFacts, TypeReference } from '#api/facts.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema, StructType } from '#api/schema.ts';
import type { CustomSchema } from '#api/structural/custom-schema.ts';
import { ZEROS } from '#api/zero-values.ts';
import { customRule } from './custom-rules.ts';
import { ANY_RULE, itemStep, LEAF_RULE, type MergeRule, SET_RULE, type StructRule } from './merge-rule.ts';

/** A struct's fields are compiled when they are met: types refer to themselves. */
class FactStructRule implements StructRule {
  readonly form = 'struct';
  readonly #schema: Schema;
  readonly #struct: StructType;
  readonly #fields = new Map<string, MergeRule>();

  constructor(schema: Schema, struct: StructType) {
    this.#schema = schema;
    this.#struct = struct;
  }

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

/** What says how objects of a resource merge: the fact tables, or the schema of a custom resource. */
export type TypeSource = Pick<ResourceType, 'facts' | 'custom' | 'subresources'>;

/** Built-in kinds have a status subresource, custom ones where their definition says so. */
export const hasStatusOfItsOwn = (type: TypeSource): boolean => type.facts !== undefined || type.subresources.includes('status');

const rules = new WeakMap<Schema, Map<TypeReference, MergeRule>>();
const customRules = new WeakMap<CustomSchema, MergeRule>();

/** The rule of a kind; it lives as long as the schema. Without facts and schema objects merge by member and lists are replaced. */
export function ruleOf(schema: Schema, { facts, custom }: Pick<TypeSource, 'facts' | 'custom'>): MergeRule {
  if (facts !== undefined) return factRule(schema, facts);
  if (custom === undefined) return ANY_RULE;
  let rule = customRules.get(custom.schema);
  if (rule === undefined) customRules.set(custom.schema, (rule = customRule(custom.schema.source, factRule(schema, 'meta/v1.ObjectMeta'))));
  return rule;
}

function factRule(schema: Schema, reference: TypeReference): MergeRule {
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
    case 'struct': return shape.struct.atomic ? LEAF_RULE : new FactStructRule(schema, shape.struct);
    case 'map': return { form: 'map', element: factRule(schema, shape.element) };
    // Whether a list merges is said by the field that holds it.
    case 'list': return LEAF_RULE;
  }
}

function fieldRule(schema: Schema, facts: FieldFacts): MergeRule {
  if (facts.atomic === true) return LEAF_RULE;
  if (!facts.type.startsWith('[]')) return facts.granular ? granularRule(schema, facts.type) : factRule(schema, facts.type);
  const element = facts.type.slice(2);
  if (facts.list === 'set') return SET_RULE;
  if (facts.list !== 'map') return LEAF_RULE;
  const fields = schema.type(element)?.fields;
  const keys = (facts.keys ?? []).map((name) => ({ name, fallback: fallbackOf(schema, fields?.get(name)) }));
  return { form: 'list', element: factRule(schema, element), step: itemStep(keys) };
}

/** What a key is that an item leaves out: its default, or the zero that Go writes of it. */
function fallbackOf(schema: Schema, facts: FieldFacts | undefined): unknown {
  if (facts === undefined || facts.default !== undefined || facts.zero !== true) return facts?.default;
  const shape = schema.shape(facts.type);
  return shape.form === 'scalar' ? ZEROS[shape.scalar] : undefined;
}

/** A struct is merged by member, whatever its type says. */
function granularRule(schema: Schema, reference: TypeReference): MergeRule {
  const struct = schema.type(reference);
  return struct ? new FactStructRule(schema, struct) : factRule(schema, reference);
}
