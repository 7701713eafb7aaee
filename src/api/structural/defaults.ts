import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import { isJsonObject, type JsonObject, mapItems } from '#api/json.ts';
import { additionalOf, itemOf } from './schema-parts.ts';

/** Returns the value itself when nothing is missing. */
export type Defaulter = (value: unknown) => unknown;

/** Undefined when the schema declares no default anywhere. */
export function compileDefaults(schema: JSONSchemaProps): Defaulter | undefined {
  const item = slotOf(itemOf(schema));
  const additional = slotOf(additionalOf(schema));
  const slots = new Map<string, Slot>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const slot = slotOf(property);
    if (slot !== undefined) slots.set(name, slot);
  }
  if (item === undefined && additional === undefined && slots.size === 0) return undefined;
  return (value) => {
    if (Array.isArray(value)) return item === undefined ? value : mapItems(value, (member) => fillSlot(item, member));
    return isJsonObject(value) ? fillMembers(value, slots, additional, schema) : value;
  };
}

/** A place of the object that has a default, or has places with defaults below. */
interface Slot {
  readonly fallback: unknown;
  readonly isNullable: boolean;
  readonly below: Defaulter | undefined;
}

function slotOf(schema: JSONSchemaProps | undefined): Slot | undefined {
  if (schema === undefined) return undefined;
  const below = compileDefaults(schema);
  return schema.default === undefined && below === undefined ? undefined : { fallback: schema.default, isNullable: schema.nullable === true, below };
}

function fillSlot(slot: Slot, value: unknown): unknown {
  const isMissing = value === undefined || (value === null && !slot.isNullable);
  const filled = isMissing && slot.fallback !== undefined ? slot.fallback : value;
  return slot.below === undefined ? filled : slot.below(filled);
}

function fillMembers(object: JsonObject, slots: ReadonlyMap<string, Slot>, additional: Slot | undefined, schema: JSONSchemaProps): JsonObject {
  let changed: Record<string, unknown> | undefined;
  const put = (name: string, slot: Slot): void => {
    const member = Object.hasOwn(object, name) ? object[name] : undefined;
    const result = fillSlot(slot, member);
    if (result !== member) (changed ??= { ...object })[name] = result;
  };
  for (const [name, slot] of slots) put(name, slot);
  if (additional !== undefined) for (const name in object) if (schema.properties === undefined || !Object.hasOwn(schema.properties, name)) put(name, additional);
  return changed ?? object;
}
