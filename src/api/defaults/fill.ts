import { isJsonObject, type JsonObject } from '#api/json.ts';

/** Fills in what an object leaves out; returns the object itself when nothing is missing. */
export type Default = (object: JsonObject) => JsonObject;

/** Go cannot tell an absent string from an empty one: both are filled in. */
const isAbsent = (value: unknown): boolean => value === undefined || value === '' || value === null;

export function fill(object: JsonObject, values: JsonObject): JsonObject {
  let result: Record<string, unknown> | undefined;
  for (const name in values) {
    if (!isAbsent(object[name])) continue;
    // A default of '' for a field that is already '' changes nothing.
    if (object[name] === values[name] || values[name] === undefined) continue;
    result ??= { ...object };
    result[name] = values[name];
  }
  return result ?? object;
}

/** As {@link fill}, for counts of which zero means absent too. */
export function fillZero(object: JsonObject, values: JsonObject): JsonObject {
  const missing = Object.entries(values).filter(([name]) => isAbsent(object[name]) || object[name] === 0);
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

export const filling = (values: JsonObject): Default => (object) => fill(object, values);

/** Applies a default to a member that is an object, if it is there. */
export function within(object: JsonObject, name: string, apply: Default): JsonObject {
  const member = object[name];
  if (!isJsonObject(member)) return object;
  const result = apply(member);
  return result === member ? object : { ...object, [name]: result };
}

/** Applies a default to each object of a member that is a list. */
export function each(object: JsonObject, name: string, apply: Default): JsonObject {
  const list = object[name];
  if (!Array.isArray(list)) return object;
  let changed: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    const result = isJsonObject(item) ? apply(item) : item;
    if (result === item) continue;
    changed ??= list.slice() as unknown[];
    changed[i] = result;
  }
  return changed === undefined ? object : { ...object, [name]: changed };
}

export const inside = (name: string, apply: Default): Default => (object) => within(object, name, apply);
/** As {@link inside} for a spec that Go holds by value: one that is left out is an empty one. */
export const ofSpec = (apply: Default): Default => (object) => within(fill(object, { spec: EMPTY }), 'spec', apply);
export const forEach = (name: string, apply: Default): Default => (object) => each(object, name, apply);
export const chain = (...defaults: readonly Default[]): Default => (object) => defaults.reduce((result, apply) => apply(result), object);

/** The member as an object; an empty one when it is absent. */
export function memberOf(object: JsonObject, name: string): JsonObject {
  const member = object[name];
  return isJsonObject(member) ? member : EMPTY;
}
const EMPTY: JsonObject = {};
