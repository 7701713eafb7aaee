import { StatusError } from '#api/status-error.ts';
import { fieldStep, stepText } from './field-set.ts';
import { itemsOf, type ListRule, memberRule, membersOf, type MergeRule, ruleFor } from './merge-rule.ts';

/** What keeps items of a value's lists from being told from each other, in Kubernetes' words: one without its keys, or one that stands twice. `path`: of the value. */
export function listFaults(rule: MergeRule, value: unknown, path = ''): readonly string[] {
  const of = ruleFor(rule, value);
  if (of.form === 'leaf') return [];
  if (of.form === 'list') return itemFaults(of, itemsOf(value), path);
  return Object.entries(membersOf(value)).flatMap(([name, member]) => listFaults(memberRule(of, name).rule, member, path + stepText(fieldStep(name))));
}

function itemFaults(rule: ListRule, items: readonly unknown[], path: string): readonly string[] {
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const [i, item] of items.entries()) {
    const step = stepOf(rule, item);
    // Nothing below it has a path.
    if (step instanceof StatusError) return [...faults, `${path}: element ${i}: ${step.message}`];
    if (seen.has(step)) faults.push(`${path}: duplicate entries for key ${stepText(step)}`);
    seen.add(step);
    faults.push(...listFaults(rule.element, item, path + stepText(step)));
  }
  return faults;
}

function stepOf(rule: ListRule, item: unknown): string | StatusError {
  try {
    return rule.step(item);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}
