/** A JSON object whose members are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value in a message. Never `String(value)`: a client's object may hold a member `toString`. */
export const describeValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value) ?? 'undefined');

/** Equality of JSON values; the order of an object's members does not count. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}

/** One text for equal values: members in order of their names. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).filter((key) => value[key] !== undefined).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** For more of them `sort` is the faster way. */
const FEW_KEYS = 16;

/** Names of members in order. Objects have few: to sort them in place takes less than what `sort` allocates for it. */
export function sortedKeys(object: object): readonly string[] {
  const keys = Object.keys(object);
  if (keys.length > FEW_KEYS) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}

/** `spec.containers[0].name`, with keys that hold dots or slashes in brackets. */
export function fieldPath(steps: readonly (string | number)[]): string {
  let path = '';
  for (const step of steps) path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
  return path;
}

/** The object itself when no member changes; members that become undefined are left out. */
export function mapMembers(object: JsonObject, map: (member: unknown, name: string) => unknown): JsonObject {
  let changed: Record<string, unknown> | undefined;
  for (const name of Object.keys(object)) {
    const member = object[name];
    const result = map(member, name);
    if (result === member) {
      if (changed !== undefined) changed[name] = member;
      continue;
    }
    changed ??= membersBefore(object, name);
    if (result !== undefined) changed[name] = result;
  }
  return changed ?? object;
}

function membersBefore(object: JsonObject, end: string): Record<string, unknown> {
  const before: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    if (name === end) break;
    before[name] = object[name];
  }
  return before;
}

/** The list itself when no item changes. */
export function mapItems(list: readonly unknown[], map: (item: unknown, index: number) => unknown): readonly unknown[] {
  let changed: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const result = map(list[i], i);
    if (result !== list[i] && changed === undefined) changed = list.slice();
    if (changed !== undefined) changed[i] = result;
  }
  return changed ?? list;
}
