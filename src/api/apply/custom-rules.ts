import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { additionalOf, isEmbedded, isIntOrString, itemOf, preservesUnknown, propertyOf } from '#api/structural/schema-parts.ts';
import { ANY_RULE, itemStep, LEAF_RULE, type MergeRule, SET_RULE, type StructRule } from './merge-rule.ts';

/** The rule of a custom resource. @param metadata the rule of an object's metadata, also within objects */
export function customRule(schema: JSONSchemaProps | undefined, metadata: MergeRule): MergeRule {
  return new ObjectRule(schema ?? OPEN, metadata, true);
}

const OPEN: JSONSchemaProps = { 'x-kubernetes-preserve-unknown-fields': true };

class ObjectRule implements StructRule {
  readonly form = 'struct';
  readonly isOpen: boolean;
  readonly #schema: JSONSchemaProps;
  readonly #metadata: MergeRule;
  readonly #isResource: boolean;
  readonly #fields = new Map<string, MergeRule>();

  constructor(schema: JSONSchemaProps, metadata: MergeRule, isResource: boolean) {
    this.isOpen = preservesUnknown(schema);
    this.#schema = schema;
    this.#metadata = metadata;
    this.#isResource = isResource;
  }

  field(name: string): MergeRule | undefined {
    if (this.#isResource && name === 'metadata') return this.#metadata;
    if (this.#isResource && (name === 'apiVersion' || name === 'kind')) return LEAF_RULE;
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const property = propertyOf(this.#schema, name);
    if (property === undefined) return undefined;
    const rule = partRule(property, this.#metadata);
    this.#fields.set(name, rule);
    return rule;
  }
}

function partRule(schema: JSONSchemaProps, metadata: MergeRule): MergeRule {
  if (isIntOrString(schema)) return LEAF_RULE;
  if (schema.type === 'array') return listRule(schema, metadata);
  if (schema.type !== 'object') return schema.type === undefined && preservesUnknown(schema) ? ANY_RULE : LEAF_RULE;
  if (schema['x-kubernetes-map-type'] === 'atomic') return LEAF_RULE;
  const additional = additionalOf(schema);
  if (additional !== undefined) return { form: 'map', element: partRule(additional, metadata) };
  return schema.additionalProperties === true ? ANY_RULE : new ObjectRule(schema, metadata, isEmbedded(schema));
}

function listRule(schema: JSONSchemaProps, metadata: MergeRule): MergeRule {
  const type = schema['x-kubernetes-list-type'];
  const items = itemOf(schema);
  if (type === 'set') return SET_RULE;
  if (type !== 'map' || items === undefined) return LEAF_RULE;
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map((name) => ({ name, fallback: propertyOf(items, name)?.default }));
  return { form: 'list', element: partRule(items, metadata), step: itemStep(keys) };
}
