import type { KubeObject } from '#api/object.ts';
import { plainError } from '#api/status-error.ts';
import { type FieldSet, fieldStep, stepText } from './field-set.ts';
import { itemsOf, memberRule, membersOf, type MergeRule, ruleFor } from './merge-rule.ts';
import { typedPatchMessage } from './typed-patch.ts';
import { fieldsOf } from './typed-value.ts';

/** The paths of what is applied. @throws StatusError 500 without a reason when an item of a list stands twice: which one would be meant? */
export function fieldsOfApplied(rule: MergeRule, applied: KubeObject): FieldSet {
  return fieldsOf(rule, applied, () => {
    throw plainError(typedPatchMessage(applied, findTwice(rule, applied, '') ?? 'duplicate entries in an associative list'));
  });
}

/** Only looked for when it is known to be there. */
function findTwice(rule: MergeRule, value: unknown, path: string): string | undefined {
  const of = ruleFor(rule, value);
  if (of.form === 'leaf') return undefined;
  if (of.form !== 'list') return first(Object.entries(membersOf(value)), ([name, member]) => findTwice(memberRule(of, name).rule, member, path + stepText(fieldStep(name))));
  const seen = new Set<string>();
  return first(itemsOf(value), (item) => {
    const step = of.step(item);
    if (seen.has(step)) return `${path}: duplicate entries for key ${stepText(step)}`;
    seen.add(step);
    return findTwice(of.element, item, path + stepText(step));
  });
}

function first<T>(values: Iterable<T>, find: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
