import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { canonicalJson } from '#api/json.ts';

/** The selector with the owner's own values of `match` required and those of `mismatch` excluded. Adding them twice changes nothing more. */
export function withLabelKeys(
  selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>, match: readonly string[] = [], mismatch: readonly string[] = [],
): LabelSelector | undefined {
  if (selector === undefined || (match.length === 0 && mismatch.length === 0)) return selector;
  const requirement = (key: string, operator: 'In' | 'NotIn') => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]);
  const present = new Set((selector.matchExpressions ?? []).map(canonicalJson));
  const added = [...match.flatMap((key) => requirement(key, 'In')), ...mismatch.flatMap((key) => requirement(key, 'NotIn'))].filter((each) => !present.has(canonicalJson(each)));
  return added.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] };
}
