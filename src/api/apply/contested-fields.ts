import type { ManagerConflict } from './conflicts.ts';
import { intersection, isEmptySet, union } from './field-set.ts';
import { decodeManagers, withManagers } from './managers.ts';
import { ruleOf, type TypeSource } from './rules.ts';
import { compareValues } from './typed-value.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';

/** What managers who wrote in the version of `before` and `after` lose when one becomes the other. */
export function contestedFields(schema: Schema, type: TypeSource, before: KubeObject, after: KubeObject): readonly ManagerConflict[] {
  const change = compareValues(ruleOf(schema, type), withManagers(before, new Map()), withManagers(after, new Map()));
  const set = union(change.modified, change.added);
  return [...decodeManagers(before.metadata.managedFields).values()].flatMap((manager) => {
    const fields = intersection(manager.fields, set);
    return manager.apiVersion !== before.apiVersion || isEmptySet(fields) ? [] : [{ manager, fields }];
  });
}
