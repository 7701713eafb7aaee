import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject, mapItems, mapMembers } from '#api/json.ts';
import { childPath, isEmbedded, itemOf, memberOf, META_FIELDS, additionalOf, preservesUnknown, propertyOf } from './schema-parts.ts';

export interface Pruned {
  readonly value: unknown;
  /** Paths of what was dropped, sorted. */
  readonly unknown: readonly string[];
}

/** Drops members that the schema does not name. At the root of a resource `apiVersion`, `kind` and `metadata` stay as they are. */
export function pruneValue(value: unknown, schema: JSONSchemaProps, isRoot: boolean): Pruned {
  const pruner = new Pruner();
  const pruned = pruner.prune(value, schema, '', isRoot);
  return { value: pruned, unknown: pruner.unknown.sort() };
}

class Pruner {
  readonly unknown: string[] = [];

  /** Without a schema every member of an object is unknown. */
  prune(value: unknown, schema: JSONSchemaProps | undefined, path: string, isRoot = false): unknown {
    if (schema !== undefined && preservesUnknown(schema)) return this.#keep(value, schema, path, isRoot);
    if (Array.isArray(value)) return mapItems(value, (item, i) => this.prune(item, schema && itemOf(schema), `${path}[${i}]`));
    if (!isJsonObject(value)) return value;
    const isResource = isRoot || (schema !== undefined && isEmbedded(schema));
    return mapMembers(value, (member, name) => {
      if (isResource && META_FIELDS.includes(name)) return member;
      const below = childPath(path, name);
      if (schema !== undefined && (propertyOf(schema, name) !== undefined || schema.additionalProperties !== undefined)) return this.prune(member, memberOf(schema, name), below);
      this.unknown.push(below);
      return undefined;
    });
  }

  /** What the schema does not name stays; what it names is pruned by its own schema. */
  #keep(value: unknown, schema: JSONSchemaProps | undefined, path: string, isRoot = false): unknown {
    if (schema === undefined) return value;
    if (Array.isArray(value)) return mapItems(value, (item, i) => this.#keep(item, itemOf(schema), `${path}[${i}]`));
    if (!isJsonObject(value)) return value;
    const isResource = isRoot || isEmbedded(schema);
    return mapMembers(value, (member, name) => {
      if (isResource && META_FIELDS.includes(name)) return member;
      const of = propertyOf(schema, name) ?? additionalOf(schema);
      return of === undefined ? member : this.prune(member, of, childPath(path, name));
    });
  }
}

/** Drops members that are null where the schema allows no null and has no default to take its place. */
export function dropNulls(value: unknown, schema: JSONSchemaProps | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return mapItems(value, (item) => dropNulls(item, itemOf(schema)));
  if (!isJsonObject(value)) return value;
  return mapMembers(value, (member, name) => {
    const of = memberOf(schema, name);
    return member === null && of !== undefined && of.nullable !== true && of.default === undefined ? undefined : dropNulls(member, of);
  });
}
