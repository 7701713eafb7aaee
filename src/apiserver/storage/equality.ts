import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '#api/object.ts';

export const isEqual = (a: unknown, b: unknown): boolean => a === b || isDeepStrictEqual(a, b);

/** Whether a write would change nothing but the times of managed fields and the resourceVersion. */
export function isNoOp(updated: KubeObject, live: KubeObject): boolean {
  return isEqual(comparable(updated), comparable(live));
}

function comparable(object: KubeObject): unknown {
  const { resourceVersion: _, managedFields, ...metadata } = object.metadata;
  const fields = managedFields?.map(({ time: _time, ...entry }) => entry);
  // Through JSON, so that an absent field and one that is undefined compare alike.
  return JSON.parse(JSON.stringify({ ...object, metadata: { ...metadata, managedFields: fields } }));
}
