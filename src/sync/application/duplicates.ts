import type { SyncError } from '#api/headway/v1/types.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import type { Identity } from '../inventory/identity.ts';
import type { PlanRequest } from './plan.ts';

/** Reason of an error. */
export const DUPLICATE = 'DuplicateObject';

/** An object that two files, or two applications, declare would flip between them at each commit: both are named. */
export function duplicates(index: ApplicationIndex, planned: readonly DesiredObject[], { otherOwner }: Pick<PlanRequest, 'otherOwner'>): readonly SyncError[] {
  const changed = new Set(planned.map(({ identity }) => identity));
  if (changed.size === 0) return [];
  const places = new Map<Identity, { readonly path: string; readonly line: number; readonly object: string }[]>();
  for (const { path, objects } of index.folders.flatMap(({ files }) => [...files.values()])) {
    for (const { identity, line } of objects) if (changed.has(identity)) places.set(identity, [...(places.get(identity) ?? []), { path, line, object: identity }]);
  }
  return [...places].flatMap(([identity, [first, ...rest]]) => {
    const other = otherOwner(identity);
    const inOther = other && first ? [{ ...first, reason: DUPLICATE, message: `the object is declared by application ${other} too` }] : [];
    return [...inOther, ...rest.map((place) => ({ ...place, reason: DUPLICATE, message: `the object is declared at ${first?.path}:${first?.line} too` }))];
  });
}
