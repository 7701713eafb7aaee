import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { Problems } from '#api/validation/problems.ts';
import { itemOf, propertyOf } from '../schema-parts.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const MAP_TYPES = ['atomic', 'granular'];
const LIST_TYPES = ['atomic', 'set', 'map'];

export function checkMapType(problems: Problems, schema: JSONSchemaProps, path: string): void {
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType === undefined) return;
  checkTypeIs(problems, schema, 'object', path, 'must be object if x-kubernetes-map-type is specified');
  if (!MAP_TYPES.includes(mapType)) problems.notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES);
}

export function checkListType(problems: Problems, schema: JSONSchemaProps, path: string): void {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === undefined) return;
  const isList = checkTypeIs(problems, schema, 'array', path, 'must be array if x-kubernetes-list-type is specified');
  const items = itemOf(schema);
  if (isList && listType === 'set' && items !== undefined) checkSetItems(problems, items, path);
  if (!LIST_TYPES.includes(listType)) problems.notSupported(`${path}.x-kubernetes-list-type`, listType, LIST_TYPES);
  if (items?.nullable === true && (listType === 'set' || listType === 'map')) problems.forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`);
}

function checkTypeIs(problems: Problems, schema: JSONSchemaProps, type: string, path: string, why: string): boolean {
  if (schema.type === type) return true;
  if (!schema.type) problems.required(`${path}.type`, why);
  else problems.invalid(`${path}.type`, schema.type, why);
  return false;
}

/** The items of a set are equal or not as a whole. */
function checkSetItems(problems: Problems, items: JSONSchemaProps, path: string): void {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') problems.invalidPointer(`${path}.items.x-kubernetes-list-type`, listType, why);
  // Kubernetes shows the type of the list here.
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') problems.invalid(`${path}.items.x-kubernetes-map-type`, listType ?? null, why);
}

export function checkListKeys(problems: Problems, schema: JSONSchemaProps, path: string): void {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const listType = schema['x-kubernetes-list-type'];
  const mustBeMap = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (keys.length > 0 && listType === undefined) problems.required(`${path}.x-kubernetes-list-type`, mustBeMap);
  else if (keys.length > 0 && listType !== 'map') problems.invalid(`${path}.x-kubernetes-list-type`, listType, mustBeMap);
  if (listType !== 'map') return;
  if (keys.length === 0) problems.required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map');
  const items = itemOf(schema);
  if (items === undefined && schema.items !== undefined) return problems.invalid(`${path}.items`, schema.items, 'must only have a single schema if x-kubernetes-list-type is map');
  if (items === undefined) return problems.required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map');
  if (items.type !== 'object') return problems.invalid(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map");
  checkKeyProperties(problems, keys, items, path);
}

function checkKeyProperties(problems: Problems, keys: readonly string[], items: JSONSchemaProps, path: string): void {
  const first = firstIndexes(keys);
  for (const [i, key] of keys.entries()) {
    const property = propertyOf(items, key);
    const field = `${path}.items.properties[${key}]`;
    if (property === undefined) problems.invalid(`${path}.x-kubernetes-list-map-keys`, keys, 'entries must all be names of item properties');
    else if (property.type === 'array' || property.type === 'object') problems.invalid(`${field}.type`, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map");
    if (first.get(key) !== i) problems.invalid(`${path}.x-kubernetes-list-map-keys`, keys, 'must not contain duplicate entries');
    if (property !== undefined && property.default === undefined && items.required?.includes(key) !== true) {
      problems.required(`${field}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property');
    }
    if (property?.nullable === true) problems.forbidden(`${field}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable');
  }
}
