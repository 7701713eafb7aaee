import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { ScalarType, TypeReference } from '#api/facts.ts';
import type { Schema, StructType } from '#api/schema.ts';
import { additionalOf, isEmbedded, isIntOrString, itemOf, META_FIELDS, preservesUnknown } from '#api/structural/schema-parts.ts';
import type { TypeSource } from './rules.ts';

/** What structured merge lets a value be. */
export type Content =
  | { readonly form: 'any' | 'string' | 'numeric' | 'boolean' | 'untyped' }
  | { readonly form: 'list' | 'map'; readonly element: Content }
  /** Undefined for a member that it may not have. */
  | { readonly form: 'struct'; member(name: string): Content | undefined };

const ANY: Content = { form: 'any' };
const STRING: Content = { form: 'string' };
const NUMERIC: Content = { form: 'numeric' };
const BOOLEAN: Content = { form: 'boolean' };
const UNTYPED: Content = { form: 'untyped' };

export function contentOf(schema: Schema, { facts, custom }: Pick<TypeSource, 'facts' | 'custom'>): Content {
  if (facts !== undefined) return typeContent(schema, facts);
  return custom?.schema.source === undefined ? ANY : objectContent(custom.schema.source, typeContent(schema, 'meta/v1.ObjectMeta'), true);
}

const SCALARS: Readonly<Record<ScalarType, Content>> = {
  string: STRING, bool: BOOLEAN, int32: NUMERIC, int64: NUMERIC, double: NUMERIC, bytes: STRING, Time: STRING, MicroTime: STRING, Duration: STRING,
  Quantity: UNTYPED, IntOrString: ANY, RawExtension: ANY, FieldsV1: ANY, JSON: ANY, JSONSchemaPropsOrBool: ANY, JSONSchemaPropsOrArray: ANY, JSONSchemaPropsOrStringArray: ANY,
};

function typeContent(schema: Schema, reference: TypeReference): Content {
  const shape = schema.shape(reference);
  switch (shape.form) {
    case 'scalar': return SCALARS[shape.scalar];
    case 'struct': return structContent(schema, shape.struct);
    default: return { form: shape.form, element: typeContent(schema, shape.element) };
  }
}

/** Types refer to themselves: members are looked at when they are met. */
function structContent(schema: Schema, { fields, kind }: StructType): Content {
  const member = (name: string): Content | undefined => {
    const facts = fields.get(name);
    return facts !== undefined ? typeContent(schema, facts.type) : kind && (name === 'apiVersion' || name === 'kind') ? STRING : undefined;
  };
  return { form: 'struct', member };
}

function objectContent(schema: JSONSchemaProps, metadata: Content, isResource: boolean): Content {
  const member = (name: string): Content | undefined => {
    if (isResource && META_FIELDS.includes(name)) return name === 'metadata' ? metadata : STRING;
    const property = schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    return property !== undefined ? partContent(property, metadata) : preservesUnknown(schema) ? ANY : undefined;
  };
  return { form: 'struct', member };
}

function partContent(schema: JSONSchemaProps, metadata: Content): Content {
  if (isIntOrString(schema)) return ANY;
  switch (schema.type) {
    case 'string': return STRING;
    case 'integer': case 'number': return NUMERIC;
    case 'boolean': return BOOLEAN;
    case 'array': {
      const items = itemOf(schema);
      return { form: 'list', element: items === undefined ? ANY : partContent(items, metadata) };
    }
    case 'object': {
      const additional = additionalOf(schema);
      if (additional !== undefined) return { form: 'map', element: partContent(additional, metadata) };
      return schema.additionalProperties === true ? { form: 'map', element: ANY } : objectContent(schema, metadata, isEmbedded(schema));
    }
    default: return ANY;
  }
}
