import { type DecodedMetadata, decodeMetadata } from '#api/decode-metadata.ts';
import { Mismatch } from '#api/decoders.ts';
import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { ObjectMeta } from '#api/generated/meta/v1.ts';
import { canonicalJson, isJsonObject, type JsonObject, mapItems, mapMembers } from '#api/json.ts';
import { dns1035Label, type NameCheck, pathSegmentName } from '#api/names.ts';
import type { Schema } from '#api/schema.ts';
import { validateMetadata } from '#api/validation/object-meta.ts';
import type { Problems } from '#api/validation/problems.ts';
import { childPath, isEmbedded, itemOf, memberOf, propertyOf, schemasIn } from './schema-parts.ts';

/** Whether objects of this schema hold other objects with metadata. */
export const hasEmbedded = (schema: JSONSchemaProps): boolean => schemasIn(schema).some(isEmbedded);

/** Brings the metadata of embedded objects into its form; such as cannot be read stays as it is, for {@link checkCoercion} to report. */
export function coerceEmbedded(facts: Schema, value: unknown, schema: JSONSchemaProps | undefined, path: string, unknown: string[]): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return mapItems(value, (item, i) => coerceEmbedded(facts, item, itemOf(schema), `${path}[${i}]`, unknown));
  if (!isJsonObject(value)) return value;
  return mapMembers(value, (member, name) => {
    const coerced = isEmbedded(schema) && name === 'metadata' ? coerceMetadata(facts, member, childPath(path, name), unknown) : member;
    return coerceEmbedded(facts, coerced, memberOf(schema, name), memberPath(schema, path, name), unknown);
  });
}

function coerceMetadata(facts: Schema, value: unknown, path: string, unknown: string[]): unknown {
  try {
    const decoded = readMetadata(facts, value, path);
    unknown.push(...decoded.unknown);
    return decoded.metadata;
  } catch (error) {
    if (error instanceof Mismatch) return value;
    throw error;
  }
}

/** Null is metadata that says nothing, as Go reads it. */
const readMetadata = (facts: Schema, value: unknown, path: string): DecodedMetadata => decodeMetadata(facts, value ?? {}, path);
const memberPath = (schema: JSONSchemaProps, path: string, name: string): string => (propertyOf(schema, name) === undefined ? `${path}[${name}]` : childPath(path, name));
/** Of untyped values Go writes members in the order of their names. */
const sorted = (value: unknown): unknown => JSON.parse(canonicalJson(value));

/** The first of what cannot be brought into its form, which hides the rest: `apiVersion` and `kind` that are no texts, and metadata that cannot be read. */
export function checkCoercion(facts: Schema, problems: Problems, value: unknown, schema: JSONSchemaProps | undefined, path: string): void {
  const count = problems.causes.length;
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) if (problems.causes.length === count) checkCoercion(facts, problems, item, itemOf(schema), `${path}[${i}]`);
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      if (isEmbedded(schema)) checkMember(facts, problems, value[name], childPath(path, name), name);
      if (problems.causes.length === count) checkCoercion(facts, problems, value[name], memberOf(schema, name), memberPath(schema, path, name));
      if (problems.causes.length > count) return;
    }
  }
}

function checkMember(facts: Schema, problems: Problems, value: unknown, field: string, name: string): void {
  if ((name === 'apiVersion' || name === 'kind') && typeof value !== 'string') problems.invalid(field, sorted(value), 'must be a string');
  if (name !== 'metadata') return;
  try {
    readMetadata(facts, value, field);
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    problems.invalid(field, sorted(value), error.message);
  }
}

/** `apiVersion`, `kind` and metadata of embedded objects. */
export function validateEmbedded(facts: Schema, problems: Problems, value: unknown, schema: JSONSchemaProps | undefined, path: string): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) validateEmbedded(facts, problems, item, itemOf(schema), `${path}[${i}]`);
  } else if (isJsonObject(value)) {
    if (isEmbedded(schema)) validateResource(facts, problems, value, path);
    for (const name in value) validateEmbedded(facts, problems, value[name], memberOf(schema, name), memberPath(schema, path, name));
  }
}

const kindName: NameCheck = (text) => {
  const messages = dns1035Label(text.toLowerCase());
  return messages.length === 0 ? messages : [`may have mixed case, but should otherwise match: ${messages.join(',')}`];
};
const groupVersion: NameCheck = (text) => (text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : []);

function validateResource(facts: Schema, problems: Problems, object: JsonObject, path: string): void {
  validateText(problems, object, path, 'apiVersion', groupVersion);
  validateText(problems, object, path, 'kind', kindName);
  if (!Object.hasOwn(object, 'metadata')) return;
  const field = childPath(path, 'metadata');
  let metadata: ObjectMeta;
  try {
    metadata = readMetadata(facts, object['metadata'], field).metadata;
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    problems.invalid(field, sorted(object['metadata']), error.message);
    return;
  }
  // An embedded object may get its name later.
  validateMetadata(problems, { ...metadata, name: metadata.name || 'fakename' }, { field, nameRule: pathSegmentName, namespaced: Boolean(metadata.namespace), allowsPlainFinalizers: true });
}

function validateText(problems: Problems, object: JsonObject, path: string, name: string, rule: NameCheck): void {
  const field = childPath(path, name);
  const value = object[name];
  if (!Object.hasOwn(object, name)) problems.required(field);
  else if (typeof value !== 'string') problems.invalid(field, sorted(value), 'must be a string');
  else if (value === '') problems.invalid(field, value, 'must not be empty');
  else problems.check(field, value, rule);
}
