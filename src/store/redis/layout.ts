import type { GroupResource } from '#api/resource-type.ts';
import type { ObjectKey, StoredObject } from '../object-store.ts';

/** The Redis keys of one store. The prefix holds the hash tag, so that a cluster keeps all of them in one slot. */
export interface Layout {
  readonly meta: string;
  readonly events: string;
  readonly index: string;
  readonly expiring: string;
  readonly marks: string;
  objects(resource: GroupResource): string;
}

export const layoutOf = (prefix: string): Layout => ({
  meta: `${prefix}:meta`,
  events: `${prefix}:events`,
  index: `${prefix}:index`,
  expiring: `${prefix}:expiring`,
  marks: `${prefix}:marks`,
  objects: (resource) => `${prefix}:objects:${resource}`,
});

export const fieldOf = (key: ObjectKey): string => `${key.namespace}/${key.name}`;

/** Reads `<resource>/<namespace>/<name>` (or the index's form with NUL); only a name may hold the separator. */
export function parseKey(text: string, separator: '/' | '\0' = '/'): ObjectKey {
  const first = text.indexOf(separator);
  const second = text.indexOf(separator, first + 1);
  return { resource: text.slice(0, first), namespace: text.slice(first + 1, second), name: text.slice(second + 1) };
}

/** Reads the `<revision> <JSON>` of a hash field. */
export function parseStored(key: ObjectKey, text: string): StoredObject {
  const space = text.indexOf(' ');
  return { key, revision: Number(text.slice(0, space)), value: text.slice(space + 1) };
}
