import type { KubeObject } from '#api/object.ts';
import { plainError, type StatusError } from '#api/status-error.ts';
import { fieldStep, stepText } from './field-set.ts';
import { ANY_RULE, itemsOf, memberRule, membersOf, type MergeRule, ruleFor } from './merge-rule.ts';

/** Names the object as it was sent: one without a namespace has none here, whatever the path says. */
export const typedPatchMessage = ({ apiVersion = '', kind = '', metadata }: Partial<KubeObject>, problem: string): string =>
  `failed to create typed patch object (${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${apiVersion}, Kind=${kind}): ${problem}`;

/** The refusal of what does not say its kind. */
export const untypedPatch = (applied: Partial<KubeObject>): StatusError => plainError(typedPatchMessage(applied, `no corresponding type for ${applied.apiVersion ?? ''}, Kind=`));

/**
 * The refusal of applied fields that the type does not have.
 * @param unknown their paths, with the places of items in their lists: `spec.containers[0].odd`
 */
export function undeclaredFields(rule: MergeRule, applied: Partial<KubeObject>, unknown: readonly string[]): StatusError {
  const problems = unknown.map((path) => `${typedPath(rule, applied, path)}: field not declared in schema`);
  const problem = problems.length === 1 ? (problems[0] ?? '') : ['errors:', ...problems.map((text) => `  ${text}`)].join('\n');
  return plainError(typedPatchMessage(applied, problem));
}

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
