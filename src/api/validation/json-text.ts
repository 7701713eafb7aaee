import { goKind } from '#api/go-text.ts';
import { jsonFault } from '#api/json-fault.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';

/** What a decoder makes of the JSON in an annotation or a key: a value, or the words in which Go refuses it. */
export type JsonText<T> = { readonly value: T; readonly fault?: undefined } | { readonly fault: string };

/** `goType` is what Kubernetes decodes into: its errors name it. */
export const parseJsonObject = (text: string, goType: string): JsonText<JsonObject> => decode(text, goType, (value) => (isJsonObject(value ?? {}) ? value as JsonObject ?? {} : undefined));

/** Of objects; what else is in the list counts as an empty one. */
export const parseJsonList = (text: string, goType: string): JsonText<readonly JsonObject[]> =>
  decode(text, goType, (value) => (Array.isArray(value ?? []) ? (value as readonly unknown[] ?? []).map((item) => (isJsonObject(item) ? item : {})) : undefined));

/** Go takes null for nothing, whatever it decodes into. */
function decode<T>(text: string, goType: string, read: (value: unknown) => T | undefined): JsonText<T> {
  const fault = jsonFault(text);
  if (fault !== undefined) return { fault };
  const decoded: unknown = JSON.parse(text);
  const value = read(decoded);
  if (value !== undefined) return { value };
  return { fault: `json: cannot unmarshal ${goKind(decoded)} into Go value of type ${goType}` };
}
