import { difference, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import type { MergeRule } from './merge-rule.ts';
import { fieldsOf, removeFields, withNamedFields } from './typed-value.ts';

/** Takes out of the merged object what its manager applied before, `last`, and nobody, itself included, owns now. */
export function prune(rule: MergeRule, merged: unknown, last: FieldSet, owned: FieldSet): unknown {
  if (isEmptySet(last)) return merged;
  return restoreDangling(rule, merged, restoreOwned(rule, merged, withoutLast(rule, merged, last), owned), last);
}

/** All in one version; where versions differ, these steps are each taken in the version to which the fields belong. */
export const withoutLast = (rule: MergeRule, merged: unknown, last: FieldSet): unknown => removeFields(rule, merged, withNamedFields(rule, last));

export function restoreOwned(rule: MergeRule, merged: unknown, pruned: unknown, owned: FieldSet): unknown {
  const kept = union(withNamedFields(rule, fieldsOf(rule, pruned)), withNamedFields(rule, owned));
  return removeFields(rule, merged, difference(withNamedFields(rule, fieldsOf(rule, merged)), kept));
}

/** What lies below something that was removed and nobody ever owned (a default) stays, if it was not applied before. */
export function restoreDangling(rule: MergeRule, merged: unknown, pruned: unknown, last: FieldSet): unknown {
  const dangling = difference(withNamedFields(rule, fieldsOf(rule, merged)), withNamedFields(rule, fieldsOf(rule, pruned)));
  return removeFields(rule, merged, intersection(dangling, withNamedFields(rule, last)));
}
