import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

export const isEqual = (a: unknown, b: unknown): boolean => a === b || isDeepStrictEqual(a, b);

/** Whether a write would change nothing but the times of managed fields and the resourceVersion. */
export function isNoOp(updated: KubeObject, live: KubeObject): boolean {
  return isSame(comparable(updated), comparable(live));
}

function comparable(object: KubeObject): unknown {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata;
  const fields = managedFields?.map(({ time: _time, ...entry }) => entry);
  return { ...object, metadata: { ...metadata, managedFields: fields } };
}

/** As JSON: an absent member and one that is undefined are alike. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  for (const key in a) if (!isSame(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key in b) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false;
  return true;
}
