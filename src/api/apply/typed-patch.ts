import type { KubeObject } from '#api/object.ts';
import { isStatus, plainError, type StatusError } from '#api/status-error.ts';
import { type FieldSet, fieldStep, stepText } from './field-set.ts';
import { listFaults } from './list-faults.ts';
import { ANY_RULE, itemsOf, memberRule, membersOf, type MergeRule, ruleFor } from './merge-rule.ts';
import { fieldsOf } from './typed-value.ts';

/** Names the object as it was sent: one without a namespace has none here, whatever the path says. */
export const typedPatchMessage = ({ apiVersion = '', kind = '', metadata }: Partial<KubeObject>, problem: string): string =>
  `failed to create typed patch object (${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}): ${problem}`;

/** The refusal of what does not say its kind. */
export const untypedPatch = (applied: Partial<KubeObject>): StatusError => plainError(typedPatchMessage(applied, `no corresponding type for ${applied.apiVersion ?? ''}, Kind=`));

/**
 * The refusal of applied fields that the type does not have.
 * @param unknown their paths, with the places of items in their lists: `spec.containers[0].odd`
 */
export function undeclaredFields(rule: MergeRule, applied: Partial<KubeObject>, unknown: readonly string[]): StatusError {
  const faults = listFaults(rule, applied);
  // Items that cannot be told from each other lead nowhere.
  return refusal(applied, faults.length > 0 ? faults : unknown.map((path) => `${typedPath(rule, applied, path)}: field not declared in schema`));
}

/** The paths of what is applied. @throws StatusError 500 without a reason when an item of a list has no keys, or stands twice: which one would be meant? */
export function fieldsOfApplied(rule: MergeRule, applied: KubeObject): FieldSet {
  let isTwice = false;
  try {
    const fields = fieldsOf(rule, applied, () => {
      isTwice = true;
    });
    if (!isTwice) return fields;
  } catch (error) {
    if (!isStatus(error, 'BadRequest')) throw error;
  }
  throw refusal(applied, listFaults(rule, applied));
}

const refusal = (applied: Partial<KubeObject>, problems: readonly string[]): StatusError =>
  plainError(typedPatchMessage(applied, problems.length === 1 ? (problems[0] ?? '') : ['errors:', ...problems.map((text) => `  ${text}`)].join('\n')));

/** `.spec.containers[name="a"].odd` */
function typedPath(root: MergeRule, object: unknown, path: string): string {
  let [rule, value, text] = [root, object, ''];
  for (const part of path.match(/\[\d+\]|[^.[\]]+/g) ?? []) {
    const of = ruleFor(rule, value);
    if (part.startsWith('[')) {
      value = itemsOf(value)[Number(part.slice(1, -1))];
      text += of.form === 'list' ? stepText(of.step(value)) : part;
      rule = of.form === 'list' ? of.element : ANY_RULE;
    } else {
      rule = of.form === 'struct' || of.form === 'map' ? memberRule(of, part).rule : ANY_RULE;
      value = membersOf(value)[part];
      text += stepText(fieldStep(part));
    }
  }
  return text;
}
