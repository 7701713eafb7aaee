import { isJsonObject, type JsonObject } from '#api/json.ts';

/** JSON merge patch (RFC 7386). Parts that the patch does not name are shared with `original`. */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const base: JsonObject = isJsonObject(original) ? original : {};
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(Object.hasOwn(base, name) ? base[name] : undefined, value);
  }
  return result;
}
