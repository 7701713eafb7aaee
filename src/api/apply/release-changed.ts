import { difference, union } from './field-set.ts';
import { decodeManagers, withManagers, withoutEmpty } from './managers.ts';
import { ruleOf, type TypeSource } from './rules.ts';
import { compareValues } from './typed-value.ts';
import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';

/**
 * The managed fields of `after` without those that managers of its version had, and that somebody who writes in another version has
 * changed. Both objects are in the version of `type`.
 */
export function releaseChanged(schema: Schema, type: TypeSource, before: KubeObject, after: KubeObject): readonly ManagedFieldsEntry[] | undefined {
  const change = compareValues(ruleOf(schema, type), withManagers(before, new Map()), withManagers(after, new Map()));
  const taken = union(union(change.modified, change.added), change.removed);
  const managers = [...decodeManagers(after.metadata.managedFields)].map(([key, manager]) =>
    [key, manager.apiVersion === after.apiVersion ? { ...manager, fields: difference(manager.fields, taken) } : manager] as const);
  return withManagers(after, withoutEmpty(new Map(managers))).metadata.managedFields;
}
