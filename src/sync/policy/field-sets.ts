import { isJsonObject, jsonEqual, type JsonObject } from '#api/json.ts';

/** Sets of owned fields as FieldsV1 has them, each of one manager: steps are `f:name`, `k:{"name":"web"}`, `v:"a"`, `i:0`. */
export type Fields = readonly JsonObject[];

/** What is owned below a step. */
export const below = (fields: Fields, step: string): Fields => fields.flatMap((field) => (isJsonObject(field[step]) ? [field[step]] : []));

/** False where the value is owned as a whole. */
export const hasMembers = (field: JsonObject): boolean => Object.keys(field).some((key) => key !== '.');

export const itemStep = (index: number): string => `i:${index}`;

/** By which step the owners of a list know its item; undefined when none of them owns it by itself. */
export function stepOfItem(item: unknown, fields: Fields): string | undefined {
  return fields.flatMap(Object.keys).find((step) => {
    if (step.startsWith('v:')) return jsonEqual(JSON.parse(step.slice(2)), item);
    return step.startsWith('k:') && isJsonObject(item) && Object.entries(JSON.parse(step.slice(2)) as JsonObject).every(([key, value]) => jsonEqual(item[key], value));
  });
}
