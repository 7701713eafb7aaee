import type { TypeReference } from '#api/facts.ts';
import { isJsonObject, type JsonObject, mapItems, mapMembers } from '#api/json.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';

const TYPES: ReadonlyMap<string, TypeReference> = new Map(BUILT_IN_RESOURCES.flatMap((r) => (r.facts === undefined ? [] : [[`${apiVersionOf(r)}/${r.kind}`, r.facts]])));

/**
 * An answer of the API as objects are kept: without the nulls that stand for lists, maps and times that nobody set. Objects, lists and watch
 * events of built-in kinds; what may be null itself, as in custom resources, stays.
 */
export function withoutNulls(schema: Schema, answer: unknown): unknown {
  if (!isJsonObject(answer)) return answer;
  const { apiVersion, kind, items, object } = answer;
  if (isJsonObject(object) && kind === undefined) return { ...answer, object: withoutNulls(schema, object) };
  const name = `${String(apiVersion)}/${String(kind)}`;
  const type = TYPES.get(name);
  if (type !== undefined) return dropped(schema, type, answer);
  const listed = TYPES.get(name.replace(/List$/, ''));
  return listed !== undefined && Array.isArray(items) ? { ...answer, items: mapItems(items, (item) => dropped(schema, listed, item)) } : answer;
}

function dropped(schema: Schema, reference: TypeReference, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const shape = schema.shape(reference);
  switch (shape.form) {
    case 'scalar': return value;
    case 'list': return Array.isArray(value) ? mapItems(value, (item) => dropped(schema, shape.element, item)) : value;
    case 'map': return isJsonObject(value) ? mapMembers(value, (member) => dropped(schema, shape.element, member)) : value;
    case 'struct': return isJsonObject(value) ? mapMembers(present(value), (member, name) => memberOf(schema, shape.struct.fields.get(name)?.type, member)) : value;
  }
}

const memberOf = (schema: Schema, type: TypeReference | undefined, member: unknown): unknown => (type === undefined ? member : dropped(schema, type, member));
const present = (object: JsonObject): JsonObject =>
  Object.values(object).includes(null) ? Object.fromEntries(Object.entries(object).filter(([, member]) => member !== null)) : object;
