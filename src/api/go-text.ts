import { isJsonObject } from '#api/json.ts';

/** A JSON value as Go prints it (`%v`): `map[a:1 b:[x y]]`, members in the order of their names, texts without quotes. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (isJsonObject(value)) return `map[${Object.keys(value).toSorted().map((name) => `${name}:${goText(value[name])}`).join(' ')}]`;
  return value === null ? '<nil>' : String(value);
}
