import { isJsonObject, mapItems } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { nullsOf } from '#api/zero-values.ts';
import type { WrittenForm, WrittenFormOf } from '#watchcache/cached-entry.ts';

/** The text of stored objects has no nulls; that of answers has those that Go writes. For the watch cache, which makes each text once. */
export function writtenForms(schema: Schema): WrittenFormOf {
  const stored = new Map(BUILT_IN_RESOURCES.map((resource) => [groupResource(resource), resource] as const).toReversed());
  return (name) => {
    const resource = stored.get(name);
    return resource && writtenForm(schema, resource);
  };
}

/** Undefined for kinds that have no nulls. Objects of other versions and kinds are left alone. */
export function writtenForm(schema: Schema, resource: ResourceType): WrittenForm | undefined {
  const fill = nullsOf(schema, resource.facts);
  const apiVersion = apiVersionOf(resource);
  return fill && ((object: KubeObject) => (object.apiVersion === apiVersion && object.kind === resource.kind ? fill(object) : object));
}

/** The same for what a request for the resource answers: an object, a list, or something else. */
export function writtenAnswer(schema: Schema, resource: ResourceType, answer: unknown): unknown {
  const fill = writtenForm(schema, resource);
  if (fill === undefined || !isJsonObject(answer)) return answer;
  const { items } = answer;
  return Array.isArray(items) ? { ...answer, items: mapItems(items, (item) => fill(item as KubeObject)) } : fill(answer as unknown as KubeObject);
}
