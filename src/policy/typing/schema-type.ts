import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject } from '#api/json.ts';
import { parseDuration, parseTimestamp } from '../cel/time.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, list, map, object, STRING, TIMESTAMP, type Type } from '../cel/types.ts';
import { LIST_IDENTITY, type ListIdentity, type MapKey, type Value } from '../cel/values.ts';
import { escapeField, escapeKeyword } from './field-names.ts';
import { fromJson } from './json-value.ts';

/** What expressions see of the values that a schema describes. */
export interface SchemaType {
  readonly type: Type;
  /** Fewest bytes that a value takes in JSON: bounds how many of them a request can hold. */
  readonly minBytes: number;
  convert(json: unknown): Value;
}

/** No request is larger, so nothing in one can be longer. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const ANY: SchemaType = { type: { ...DYN, max: MAX_REQUEST_BYTES - 2 }, minBytes: 1, convert: fromJson };

const METADATA: JSONSchemaProps = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };
const RESOURCE: Readonly<Record<string, JSONSchemaProps>> = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: METADATA };

/** `name` is what errors call the type. Undefined for a node that expressions cannot reach. */
export function schemaType(schema: JSONSchemaProps, name = 'object'): SchemaType | undefined {
  if (schema['x-kubernetes-int-or-string']) return schema.maxLength === undefined ? ANY : { ...ANY, type: { ...DYN, max: maxTextBytes(schema) } };
  switch (schema.type) {
    case 'array': return arrayType(schema, name);
    case 'object': return isEmbedded(schema) || !hasValues(schema) ? structType(schema, name) : mapType(schema, name);
    case 'string': return textType(schema);
    case 'boolean': return { type: BOOL, minBytes: 4, convert: fromJson };
    case 'integer': return { type: INT, minBytes: 1, convert: fromJson };
    case 'number': return { type: DOUBLE, minBytes: 1, convert: (json) => (typeof json === 'number' || typeof json === 'bigint' ? Number(json) : fromJson(json)) };
    // What a schema says nothing of is no part of what expressions see, also where it is preserved.
    default: return undefined;
  }
}

const isEmbedded = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-embedded-resource'] === true;
const hasValues = (schema: JSONSchemaProps): boolean => isJsonObject(schema.additionalProperties);

function arrayType(schema: JSONSchemaProps, name: string): SchemaType | undefined {
  const items = isJsonObject(schema.items) ? schemaType(schema.items as JSONSchemaProps, `${name}.@idx`) : undefined;
  if (!items) return undefined;
  const identity = listIdentity(schema);
  return {
    type: list(items.type, schema.maxItems ?? Math.floor((MAX_REQUEST_BYTES - 2) / (items.minBytes + 1))),
    minBytes: 2,
    convert(json) {
      if (!Array.isArray(json)) return fromJson(json);
      const values = json.map((item) => items.convert(item));
      return identity === undefined ? values : Object.assign(values, { [LIST_IDENTITY]: identity });
    },
  };
}

function listIdentity(schema: JSONSchemaProps): ListIdentity | undefined {
  if (schema['x-kubernetes-list-type'] === 'set') return 'set';
  return schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []).map((key) => escapeField(key) ?? key) : undefined;
}

function mapType(schema: JSONSchemaProps, name: string): SchemaType | undefined {
  const values = schemaType(schema.additionalProperties as JSONSchemaProps, `${name}.@elem`);
  if (!values) return undefined;
  return {
    type: map(STRING, values.type, schema.maxProperties ?? Math.floor((MAX_REQUEST_BYTES - 2) / (values.minBytes + 6))),
    minBytes: 2,
    convert(json) {
      if (!isJsonObject(json)) return fromJson(json);
      const result = new Map<MapKey, Value>();
      for (const [key, value] of Object.entries(json)) if (value !== undefined) result.set(key, values.convert(value));
      return result;
    },
  };
}

interface Property {
  readonly name: string;
  readonly of: SchemaType;
}

function structType(schema: JSONSchemaProps, name: string): SchemaType {
  const declared = isEmbedded(schema) ? { ...schema.properties, ...RESOURCE } : (schema.properties ?? {});
  const byJson = new Map<string, Property>();
  const byName = new Map<string, Type>();
  let minBytes = 2;
  for (const [json, property] of Object.entries(declared)) {
    const escaped = escapeField(json);
    const of = schemaType(property, `${name}.${json}`);
    if (escaped === undefined || !of) continue;
    byJson.set(json, { name: escaped, of });
    byName.set(escaped, of.type);
    if (schema.required?.includes(json) && property.default === undefined) minBytes += json.length + of.minBytes + 4;
  }
  return {
    // Kubernetes counts the elements of lists, maps and texts alone: to compare objects as wholes costs nothing.
    type: { ...object(name, (field) => byName.get(field), escapeKeyword), max: 0 }, minBytes,
    convert(json) {
      if (!isJsonObject(json)) return fromJson(json);
      const result = new Map<MapKey, Value>();
      for (const [key, value] of Object.entries(json)) {
        const property = byJson.get(key);
        // A field that is null is as good as absent.
        if (property && value !== undefined && value !== null) result.set(property.name, property.of.convert(value));
      }
      return result;
    },
  };
}

function textType(schema: JSONSchemaProps): SchemaType {
  switch (schema.format) {
    case 'byte': return { type: { ...BYTES, max: schema.maxLength ?? MAX_REQUEST_BYTES - 2 }, minBytes: 2, convert: (json) => (typeof json === 'string' ? Uint8Array.from(Buffer.from(json, 'base64')) : fromJson(json)) };
    case 'duration': return { type: DURATION, minBytes: 4, convert: parsed(parseDuration) };
    case 'date': return { type: TIMESTAMP, minBytes: 12, convert: parsed((text) => parseTimestamp(`${text}T00:00:00Z`)) };
    case 'date-time': return { type: TIMESTAMP, minBytes: 22, convert: parsed(parseTimestamp) };
    default: return { type: { ...STRING, max: maxTextBytes(schema) }, minBytes: 2, convert: fromJson };
  }
}

/** Limits count characters, of up to four bytes. */
function maxTextBytes({ maxLength, enum: values }: JSONSchemaProps): number {
  if (maxLength !== undefined) return maxLength * 4;
  if (values && values.length > 0) return Math.max(...values.map((value) => String(value).length));
  return MAX_REQUEST_BYTES - 2;
}

const parsed = (parse: (text: string) => Value) => (json: unknown): Value => (typeof json === 'string' ? parse(json) : fromJson(json));
