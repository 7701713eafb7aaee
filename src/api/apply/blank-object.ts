import type { TypeReference } from '#api/facts.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';

/** Structs that Go holds by value: they are there in a new object before anyone sets them, and so nobody owns them as a whole. */
const BY_VALUE: ReadonlySet<string> = new Set([
  'metadata', 'spec', 'status', 'template', 'jobTemplate', 'strategy', 'updateStrategy', 'names', 'podSelector', 'roleRef', 'involvedObject', 'source', 'scaleTargetRef',
]);

/** What a new object is compared with to learn what its maker set: no more than its type, and the empty structs that it always has. */
export function blankObject(schema: Schema, { facts }: { readonly facts?: TypeReference }, object: KubeObject): KubeObject {
  const { apiVersion, kind } = object;
  const structs = facts === undefined ? { metadata: {} } : blankStructs(schema, facts, object as unknown as JsonObject);
  return { ...structs, apiVersion, kind } as unknown as KubeObject;
}

function blankStructs(schema: Schema, ref: TypeReference, object: JsonObject): JsonObject {
  const blanks: Record<string, unknown> = {};
  for (const [name, facts] of schema.type(ref)?.fields ?? []) {
    const value = object[name];
    if (isJsonObject(value) && BY_VALUE.has(name) && schema.type(facts.type) !== undefined) blanks[name] = blankStructs(schema, facts.type, value);
    // A list that is always written stands as null in Go's empty object.
    else if (Array.isArray(value) && facts.required === true) blanks[name] = null;
  }
  return blanks;
}
