import type { DescriptionReader } from '#api/descriptions.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { listKind } from '../outcome.ts';
import { type JsonSchema, typeMeta } from './schemas.ts';

/** What depends on the version of OpenAPI. */
export interface CustomDialect {
  /** `#/components/schemas/` or `#/definitions/`. */
  readonly prefix: string;
  /** OpenAPI v2 knows no junctors, nullable values and defaults, and kubectl refuses unknown fields of whatever has properties. */
  readonly isV2: boolean;
  readonly descriptions: DescriptionReader;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
/** Types that every custom resource's schemas refer to. */
export const CUSTOM_ROOTS = ['meta/v1.ObjectMeta', 'meta/v1.ListMeta'] as const;

const CONVENTIONS = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const objectMeta = (dialect: CustomDialect): JsonSchema => described(`Standard object's metadata. ${CONVENTIONS}#metadata`, `${META}.ObjectMeta`, dialect);

/** Beside a reference OpenAPI v3 has no place for words, and `kubectl explain` would not show them. */
function described(description: string, name: string, { prefix, isV2 }: CustomDialect): JsonSchema {
  const reference = { $ref: `${prefix}${name}` };
  return isV2 ? { description, ...reference } : { description, allOf: [reference] };
}

/** `com.example.stable.v1.CronTab` */
export const customName = (r: ResourceType): string => modelName(r, r.kind);
export const customListName = (r: ResourceType): string => modelName(r, listKind(r));
const modelName = ({ group, version }: ResourceType, kind: string): string => `${group.split('.').toReversed().join('.')}.${version}.${kind}`;

/** The schemas of a custom resource and of its list, by name. */
export function customSchemas(resource: ResourceType, dialect: CustomDialect): Readonly<Record<string, JsonSchema>> {
  return { [customName(resource)]: kindSchema(resource, dialect), [customListName(resource)]: listSchema(resource, dialect) };
}

function kindSchema(resource: ResourceType, dialect: CustomDialect): JsonSchema {
  const published = resource.custom?.published as JsonObject | undefined;
  const extensions = { ...gvk(resource, resource.kind), ...selectable(resource) };
  // With properties, clients would take everything else for unknown.
  if (published === undefined || (dialect.isV2 && published['x-kubernetes-preserve-unknown-fields'] === true)) return { type: 'object', ...extensions };
  const schema = publicSchema(published, dialect);
  const properties = { ...(schema['properties'] as JsonObject | undefined), ...typeMeta(dialect.descriptions), metadata: objectMeta(dialect) };
  return { ...schema, properties, ...extensions };
}

function listSchema(resource: ResourceType, dialect: CustomDialect): JsonSchema {
  return {
    type: 'object', description: `${listKind(resource)} is a list of ${resource.kind}`, required: ['items'],
    properties: {
      ...typeMeta(dialect.descriptions), metadata: described(`Standard list metadata. ${CONVENTIONS}#types-kinds`, `${META}.ListMeta`, dialect),
      items: { type: 'array', description: `List of ${resource.plural}. ${CONVENTIONS}`, items: { $ref: `${dialect.prefix}${customName(resource)}` } },
    },
    ...gvk(resource, listKind(resource)), ...selectable(resource),
  };
}

const gvk = ({ group, version }: ResourceType, kind: string): JsonSchema => ({ 'x-kubernetes-group-version-kind': [{ group, version, kind }] });

function selectable({ custom }: ResourceType): JsonSchema {
  const fields = custom?.selectableFields ?? [];
  return fields.length === 0 ? {} : { 'x-kubernetes-selectable-fields': fields.map((f) => ({ fieldPath: f.jsonPath.replace(/^\./, '') })) };
}

const INTEGER_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

function publicSchema(given: JsonObject, dialect: CustomDialect): JsonObject {
  const own = dialect.isV2 ? inV2(given) : unfolded(given);
  const { properties, items, additionalProperties, ...rest } = own;
  const schema: Record<string, unknown> = { ...rest };
  if (isJsonObject(properties)) schema['properties'] = Object.fromEntries(Object.entries(properties).map(([name, s]) => [name, publicSchema(s as JsonObject, dialect)]));
  if (isJsonObject(items)) schema['items'] = publicSchema(items, dialect);
  if (additionalProperties !== undefined) schema['additionalProperties'] = isJsonObject(additionalProperties) ? publicSchema(additionalProperties, dialect) : additionalProperties;
  return isEmbedded(given, dialect) ? withEmbedded(schema, dialect) : schema;
}

const isEmbedded = (schema: JsonObject, { isV2 }: CustomDialect): boolean =>
  schema['x-kubernetes-embedded-resource'] === true && !(isV2 && schema['x-kubernetes-preserve-unknown-fields'] === true);

function withEmbedded(schema: JsonObject, dialect: CustomDialect): JsonObject {
  const required = new Set([...((schema['required'] as readonly string[] | undefined) ?? []), 'kind', 'apiVersion']);
  return { ...schema, properties: { ...(schema['properties'] as JsonObject | undefined), ...EMBEDDED_META, metadata: objectMeta(dialect) }, required: [...required] };
}

/** What Kubernetes says of an object in an object. */
const EMBEDDED_META: JsonObject = {
  apiVersion: { description: `apiVersion defines the versioned schema of this representation of an object. ${CONVENTIONS}#resources`, type: 'string' },
  kind: { description: `kind is a string value representing the type of this object. In CamelCase. ${CONVENTIONS}#types-kinds`, type: 'string' },
};

/** What `x-kubernetes-int-or-string` stands for. */
function unfolded(schema: JsonObject): JsonObject {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema;
  const { anyOf, allOf } = schema;
  if (isIntegerOrString(anyOf) || (Array.isArray(allOf) && isIntegerOrString((allOf[0] as JsonObject | undefined)?.['anyOf']))) return schema;
  if (anyOf === undefined) return { ...schema, anyOf: INTEGER_OR_STRING };
  return { ...schema, allOf: [{ anyOf: INTEGER_OR_STRING }, ...(Array.isArray(allOf) ? (allOf as readonly unknown[]) : [])] };
}

const isIntegerOrString = (anyOf: unknown): boolean =>
  Array.isArray(anyOf) && anyOf.length === 2 && anyOf.every((s, i) => isJsonObject(s) && s['type'] === INTEGER_OR_STRING[i]?.type);

function inV2(schema: JsonObject): JsonObject {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, default: _default, nullable, ...plain } = schema;
  let kept: JsonObject = plain;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (nullable === true) kept = without(kept, 'type', 'items', 'properties');
  if (isOpen) kept = without(kept, 'items', 'properties');
  if (kept['items'] === undefined && kept['type'] === 'array') kept = without(kept, 'type');
  if (isOpen && kept['type'] === 'object') kept = without(kept, 'type');
  return withoutNullableRequired(kept);
}

/** A null would be refused as missing. */
function withoutNullableRequired(schema: JsonObject): JsonObject {
  const { required, properties, additionalProperties } = schema;
  if (!Array.isArray(required)) return schema;
  const isNullable = (name: string): boolean => isJsonObject(properties) && (properties[name] as JsonObject | undefined)?.['nullable'] === true;
  const rest = isJsonObject(additionalProperties) && additionalProperties['nullable'] === true ? [] : (required as readonly string[]).filter((name) => !isNullable(name));
  return rest.length === 0 ? without(schema, 'required') : { ...schema, required: rest };
}

const without = (schema: JsonObject, ...keys: readonly string[]): JsonObject => Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
