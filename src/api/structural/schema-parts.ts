import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';

/** The parts of a structural schema that lead to schemas of members and items. Undefined where the schema says nothing. */

export const propertyOf = (schema: JSONSchemaProps, name: string): JSONSchemaProps | undefined =>
  (schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined);

/** The schema of members that `properties` does not name; undefined too when all or none are allowed without one. */
export const additionalOf = (schema: JSONSchemaProps): JSONSchemaProps | undefined =>
  (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);

export const memberOf = (schema: JSONSchemaProps, name: string): JSONSchemaProps | undefined => propertyOf(schema, name) ?? additionalOf(schema);

export const itemOf = (schema: JSONSchemaProps): JSONSchemaProps | undefined =>
  (schema.items === undefined || Array.isArray(schema.items) ? undefined : (schema.items as JSONSchemaProps));

export const preservesUnknown = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;
export const isEmbedded = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-embedded-resource'] === true;
export const isIntOrString = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-int-or-string'] === true;

/** The fields that every object has, whatever its schema says. */
export const META_FIELDS: readonly string[] = ['apiVersion', 'kind', 'metadata'];

/** Every schema in the schema, itself first, those of logic included. */
export function* schemasIn(schema: JSONSchemaProps): Generator<JSONSchemaProps> {
  yield schema;
  for (const child of childrenOf(schema)) yield* schemasIn(child);
}

function childrenOf(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const { items, additionalProperties, additionalItems, not } = schema;
  return [
    ...Object.values(schema.properties ?? {}), ...Object.values(schema.patternProperties ?? {}), ...Object.values(schema.definitions ?? {}),
    ...[items, additionalProperties, additionalItems, not, ...Object.values(schema.dependencies ?? {})].flat().filter((part) => typeof part === 'object'),
    ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []),
  ];
}

/** `spec.foo`; the root is the empty text. */
export const childPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
