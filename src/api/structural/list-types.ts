import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { canonicalJson, isJsonObject, type JsonObject } from '#api/json.ts';
import type { Problems } from '#api/validation/problems.ts';
import { additionalOf, childPath, itemOf, propertyOf, schemasIn } from './schema-parts.ts';

/** Whether a list of the schema is a set or has keys. */
export const hasListTypes = (schema: JSONSchemaProps): boolean =>
  schemasIn(schema).some(({ 'x-kubernetes-list-type': type }) => type === 'set' || type === 'map');

/** Sets hold no value twice, lists with keys no key. */
export function validateListTypes(problems: Problems, value: unknown, schema: JSONSchemaProps | undefined, path: string): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    validateList(problems, value, schema, path);
    const items = itemOf(schema);
    if (items !== undefined) for (const [i, item] of value.entries()) validateListTypes(problems, item, items, `${path}[${i}]`);
  } else if (isJsonObject(value)) {
    for (const name in value) {
      const property = propertyOf(schema, name);
      validateListTypes(problems, value[name], property ?? additionalOf(schema), property ? childPath(path, name) : `${path}[${name}]`);
    }
  }
}

function validateList(problems: Problems, list: readonly unknown[], schema: JSONSchemaProps, path: string): void {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') reportTwice(problems, list, path);
  if (type !== 'map') return;
  const stranger = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (stranger >= 0) problems.invalid(`${path}[${stranger}]`, list[stranger], 'must be an object for an array of list-type map');
  else reportTwice(problems, list.map((item) => keysOf(schema['x-kubernetes-list-map-keys'] ?? [], item as JsonObject | null)), path);
}

function keysOf(keys: readonly string[], item: JsonObject | null): JsonObject {
  return Object.fromEntries(keys.filter((key) => item !== null && Object.hasOwn(item, key)).map((key) => [key, item?.[key]]));
}

/** The second of equal values is reported, and no further one. */
function reportTwice(problems: Problems, values: readonly unknown[], path: string): void {
  const times = new Map<string, number>();
  for (const [i, value] of values.entries()) {
    const text = canonicalJson(value);
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    if (count === 2) problems.duplicate(`${path}[${i}]`, value);
  }
}
