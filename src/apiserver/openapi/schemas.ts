import type { DescriptionReader } from '#api/descriptions.ts';
import type { FieldFacts, ScalarType, TypeReference } from '#api/facts.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { ZEROS } from '#api/zero-values.ts';
import type { GroupVersion } from './registered-versions.ts';
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
  readonly descriptions: DescriptionReader;
  /** `#/components/schemas/` or `#/definitions/`. */
  readonly prefix: string;
  readonly isV2: boolean;
  /** What kinds of every group version are told to be kinds of. */
  readonly versions: readonly GroupVersion[];
}

/** The schemas of the types and of everything that they refer to, by OpenAPI name, but for those that are known. */
export function schemasOf(options: SchemaOptions, roots: Iterable<TypeReference>, known: ReadonlySet<string>): Readonly<Record<string, JsonSchema>> {
  const found = new Map<string, JsonSchema>();
  const visit = (reference: TypeReference): void => {
    const scalar = scalarDefinition(reference);
    const name = scalar?.name ?? options.names.of(reference);
    if (known.has(name) || found.has(name)) return;
    if (scalar !== undefined) return void found.set(name, { ...options.descriptions.of(reference), ...(options.isV2 ? scalar.v2 : scalar.v3) });
    const type = options.schema.type(reference);
    if (type === undefined) return;
    found.set(name, structSchema(options, type));
    for (const field of type.fields.values()) visit(elementOf(field.type));
  };
  for (const root of roots) visit(root);
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function elementOf(reference: TypeReference): TypeReference {
  return reference.replace(/^(?:\[\]|map\[\])+/, '');
}

function structSchema(options: SchemaOptions, type: StructType): JsonSchema {
  const kinds = options.names.kindsOf(type, options.versions);
  const { description, fields = {} } = options.descriptions.of(type.reference);
  const own = type.kind ? typeMeta(options.descriptions) : {};
  const properties = { ...own, ...Object.fromEntries([...type.fields].map(([name, field]) => [name, fieldSchema(options, field, fields[name])])) };
  const required = [...type.fields].filter(([, f]) => f.required).map(([name]) => name);
  return {
    ...(description === undefined ? {} : { description }), type: 'object', ...(Object.keys(properties).length > 0 ? { properties } : {}), ...(required.length > 0 ? { required } : {}), ...(type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(kinds.length > 0 ? { 'x-kubernetes-group-version-kind': kinds } : {}), ...unions(type),
  };
}

function unions({ union }: StructType): JsonSchema {
  if (union === undefined) return {};
  const { members, ...discriminator } = union;
  return { 'x-kubernetes-unions': [{ ...discriminator, 'fields-to-discriminateBy': members }] };
}

/** What all kinds have. */
export function typeMeta(descriptions: DescriptionReader): JsonSchema {
  const { fields = {} } = descriptions.of('meta/v1.TypeMeta');
  return Object.fromEntries(['apiVersion', 'kind'].map((name) => [name, { description: fields[name], type: 'string' }]));
}

function fieldSchema(options: SchemaOptions, field: FieldFacts, description: string | undefined): JsonSchema {
  const base = typeSchema(options, field.type, field.enum);
  const isReference = '$ref' in base;
  const extra = {
    ...(description === undefined ? {} : { description }), ...defaulting(options, field.default ?? (field.zero ? zeroOf(field.type) : undefined)),
    ...(field.list ? { 'x-kubernetes-list-type': field.list } : {}), ...(field.keys ? { 'x-kubernetes-list-map-keys': field.keys } : {}),
    ...(field.mergeKey ? { 'x-kubernetes-patch-merge-key': field.mergeKey } : {}), ...(field.strategy ? { 'x-kubernetes-patch-strategy': field.strategy } : {}),
    ...(field.atomic && !isReference ? { 'x-kubernetes-map-type': 'atomic' } : {}), ...(field.granular ? { 'x-kubernetes-map-type': 'granular' } : {}),
  };
  return beside(options, base, extra);
}

/** Only in the older document may others stand beside a reference. */
const beside = ({ isV2 }: SchemaOptions, base: JsonSchema, extra: JsonSchema): JsonSchema =>
  ('$ref' in base && !isV2 && Object.keys(extra).length > 0 ? { allOf: [base], ...extra } : { ...base, ...extra });

/** The older document, from which kubectl makes patches, says nothing of defaults. */
const defaulting = ({ isV2 }: SchemaOptions, value: unknown): JsonSchema => (isV2 || value === undefined ? {} : { default: value });

/** What stands for a value that is not said, where Go always has one: of types with a JSON form of their own it is null, and not told. */
function zeroOf(reference: TypeReference): unknown {
  const isStruct = reference.includes('.') && elementOf(reference) === reference;
  return isStruct ? {} : plainSchema(reference) && ZEROS[reference as ScalarType];
}

function typeSchema(options: SchemaOptions, reference: TypeReference, values?: readonly string[]): JsonSchema {
  if (reference.startsWith('map[]')) return { type: 'object', additionalProperties: elementSchema(options, reference.slice(5), values) };
  if (reference.startsWith('[]')) return { type: 'array', items: elementSchema(options, reference.slice(2), values) };
  const plain = plainSchema(reference);
  if (plain !== undefined) return values === undefined ? plain : { ...plain, enum: values.toSorted() };
  return { $ref: `${options.prefix}${scalarDefinition(reference)?.name ?? options.names.of(reference)}` };
}

const elementSchema = (options: SchemaOptions, reference: TypeReference, values?: readonly string[]): JsonSchema =>
  beside(options, typeSchema(options, reference, values), defaulting(options, zeroOf(reference)));
