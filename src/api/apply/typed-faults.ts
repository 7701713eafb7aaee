import { goQuote, goText, goType } from '#api/go-text.ts';
import { isJsonObject } from '#api/json.ts';
import { StatusError } from '#api/status-error.ts';
import type { Content } from './contents.ts';
import { fieldStep, stepText } from './field-set.ts';
import { ANY_RULE, isNothing, type ListRule, memberRule, type MergeRule, ruleFor } from './merge-rule.ts';

/** What keeps a value from being applied, in Kubernetes' words: parts of another type or of none, items without their keys, and such as stand twice. */
export function typedFaults(content: Content, rule: MergeRule, value: unknown, path = ''): readonly string[] {
  if (isNothing(value)) return [];
  const expected = (what: string): readonly string[] => [`${path}: expected ${what}`];
  switch (content.form) {
    case 'any': return ruleFor(rule, value).form === 'leaf' ? [] : anyFaults(rule, value, path);
    case 'string': return typeof value === 'string' ? [] : expected(`string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
    case 'numeric': return typeof value === 'number' || typeof value === 'bigint' ? [] : expected(`numeric (int or float), got ${goType(value)}`);
    case 'boolean': return typeof value === 'boolean' ? [] : expected(`boolean, got &{${goText(value)}}`);
    case 'untyped': return typeof value === 'object' ? expected(`any scalar, got &{${goText(value)}}`) : [];
    case 'list': return Array.isArray(value) ? itemFaults(content.element, rule, value, path) : expected(`list, got &{${goText(value)}}`);
    case 'map': case 'struct': return isJsonObject(value) ? memberFaults(content, rule, value, path) : expected(`map, got &{${goText(value)}}`);
  }
}

const anyFaults = (rule: MergeRule, value: unknown, path: string): readonly string[] =>
  (Array.isArray(value) ? itemFaults({ form: 'any' }, rule, value, path) : isJsonObject(value) ? memberFaults({ form: 'map', element: { form: 'any' } }, rule, value, path) : []);

function memberFaults(content: Content, rule: MergeRule, value: Readonly<Record<string, unknown>>, path: string): readonly string[] {
  const of = ruleFor(rule, value);
  const faults: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    const at = path + stepText(fieldStep(name));
    const inner = content.form === 'struct' ? content.member(name) : content.form === 'map' ? content.element : undefined;
    if (inner === undefined) faults.push(`${at}: field not declared in schema`);
    else faults.push(...typedFaults(inner, of.form === 'struct' || of.form === 'map' ? memberRule(of, name).rule : ANY_RULE, member, at));
  }
  return faults;
}

function itemFaults(element: Content, rule: MergeRule, items: readonly unknown[], path: string): readonly string[] {
  const of = ruleFor(rule, items);
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const [i, item] of items.entries()) {
    if (of.form !== 'list') {
      faults.push(...typedFaults(element, ANY_RULE, item, `${path}[${i}]`));
      continue;
    }
    const step = stepOf(of, item);
    // Nothing below it has a path.
    if (step instanceof StatusError) return [...faults, `${path}: element ${i}: ${step.message}`];
    if (seen.has(step)) faults.push(`${path}: duplicate entries for key ${stepText(step)}`);
    seen.add(step);
    faults.push(...typedFaults(element, of.element, item, path + stepText(step)));
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

/** As Go's `%#v`. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isJsonObject(value)) return `map[string]interface {}{${Object.keys(value).toSorted().map((name) => `${goQuote(name)}:${goSyntax(value[name])}`).join(', ')}}`;
  return typeof value === 'string' ? goQuote(value) : value === null ? 'interface {}(nil)' : String(value);
}
