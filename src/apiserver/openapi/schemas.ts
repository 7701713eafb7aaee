import type { FieldFacts, TypeReference } from '#api/facts.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { plainSchema, scalarDefinition } from './scalar-schemas.ts';
import type { SchemaNames } from './schema-names.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface SchemaOptions {
  readonly schema: Schema;
  readonly names: SchemaNames;
  /** `#/components/schemas/` or `#/definitions/`. */
  readonly prefix: string;
}

/** The schemas of the types and of everything that they refer to, by OpenAPI name. */
export function schemasOf(options: SchemaOptions, roots: Iterable<TypeReference>, kinds: ReadonlyMap<TypeReference, GroupVersionKind>): Readonly<Record<string, JsonSchema>> {
  const found = new Map<string, JsonSchema>();
  const visit = (reference: TypeReference): void => {
    const scalar = scalarDefinition(reference);
    if (scalar !== undefined) return void found.set(scalar.name, isV2(options) ? scalar.v2 : scalar.v3);
    const type = options.schema.type(reference);
    const name = options.names.of(reference);
    if (type === undefined || found.has(name)) return;
    found.set(name, {});
    found.set(name, structSchema(options, type, kinds.get(reference)));
    for (const field of type.fields.values()) visit(elementOf(field.type));
  };
  for (const root of roots) visit(root);
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const isV2 = ({ prefix }: SchemaOptions): boolean => prefix === '#/definitions/';

function elementOf(reference: TypeReference): TypeReference {
  return reference.replace(/^(?:\[\]|map\[\])+/, '');
}

function structSchema(options: SchemaOptions, type: StructType, kind: GroupVersionKind | undefined): JsonSchema {
  const own = type.kind ? { apiVersion: { type: 'string' }, kind: { type: 'string' } } : {};
  const properties = { ...own, ...Object.fromEntries([...type.fields].map(([name, field]) => [name, fieldSchema(options, field)])) };
  const required = [...type.fields].filter(([name, f]) => f.required && !(type.kind && name === 'metadata')).map(([name]) => name);
  return {
    ...(type.description === '' ? {} : { description: type.description }), type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...(type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(kind ? { 'x-kubernetes-group-version-kind': [kind] } : {}),
  };
}

function fieldSchema(options: SchemaOptions, field: FieldFacts): JsonSchema {
  const base = typeSchema(options, field.type);
  const isReference = '$ref' in base;
  // A field about which nothing is said is what its type is.
  const description = field.description ?? options.schema.type(elementOf(field.type))?.description;
  const extra = {
    ...(description ? { description } : {}), ...(field.default === undefined ? {} : { default: field.default }), ...(field.enum ? { enum: field.enum.toSorted() } : {}),
    ...(field.list ? { 'x-kubernetes-list-type': field.list } : {}), ...(field.keys ? { 'x-kubernetes-list-map-keys': field.keys } : {}),
    ...(field.mergeKey ? { 'x-kubernetes-patch-merge-key': field.mergeKey } : {}), ...(field.strategy ? { 'x-kubernetes-patch-strategy': field.strategy } : {}),
    ...(field.atomic && !isReference ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
  // Only in the older document may others stand beside a reference.
  return isReference && !isV2(options) && Object.keys(extra).length > 0 ? { allOf: [base], ...extra } : { ...base, ...extra };
}

function typeSchema(options: SchemaOptions, reference: TypeReference): JsonSchema {
  if (reference.startsWith('map[]')) return { type: 'object', additionalProperties: typeSchema(options, reference.slice(5)) };
  if (reference.startsWith('[]')) return { type: 'array', items: typeSchema(options, reference.slice(2)) };
  return plainSchema(reference) ?? { $ref: `${options.prefix}${scalarDefinition(reference)?.name ?? options.names.of(reference)}` };
}
