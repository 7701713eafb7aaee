import { isJsonObject, type JsonObject } from '#api/json.ts';

/** JSON merge patch (RFC 7386) as Kubernetes' library has it. Parts that the patch does not name are shared with `original`. */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return isJsonObject(original) ? patch : withoutNulls(patch);
  const base: JsonObject = isJsonObject(original) ? original : {};
  const result: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(Object.hasOwn(base, name) ? base[name] : undefined, value);
  }
  return result;
}

/** Of what is new: members that are null say nothing, also those of items, which the RFC keeps; items that are null stay. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null).map(([name, member]) => [name, withoutNulls(member)]));
}
