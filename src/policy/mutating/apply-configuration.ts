import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { contentOf } from '#api/apply/contents.ts';
import { typedFaults } from '#api/apply/typed-faults.ts';
import { memberRule, type MergeRule, ruleFor } from '#api/apply/merge-rule.ts';
import { ruleOf, type TypeSource } from '#api/apply/rules.ts';
import { mergeValues } from '#api/apply/typed-value.ts';
import { EvaluationError } from '../cel/errors.ts';

/**
 * Lays what a policy wants over an object by the rules of server-side apply. @throws EvaluationError for a part that the type does not have, and
 * for one that apply could only replace as a whole
 */
export function applyConfiguration(schema: Schema, type: Pick<TypeSource, 'facts' | 'custom'>, live: KubeObject, wanted: unknown): KubeObject {
  const rule = ruleOf(schema, type);
  const faults = typedFaults(contentOf(schema, type), rule, wanted);
  if (faults.length > 0) throw new EvaluationError(`failed to convert patch object to typed object: ${faults.length === 1 ? faults[0] : ['errors:', ...faults.map((text) => `  ${text}`)].join('\n')}`);
  const atomics = rule.form === 'any' ? [] : atomicPaths(rule, wanted, '');
  if (atomics.length > 0) throw new EvaluationError(`invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`);
  const { apiVersion, kind } = live;
  return { ...(mergeValues(rule, live, wanted) as KubeObject), apiVersion, kind };
}

function atomicPaths(rule: MergeRule, value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const of = ruleFor(rule, value);
  if (of.form === 'leaf') return [path];
  if (of.form === 'list') return Array.isArray(value) ? value.flatMap((item, i) => atomicPaths(of.element, item, `${path}[${i}]`)) : [];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => atomicPaths(memberRule(of, name).rule, member, `${path}.${name}`));
}
