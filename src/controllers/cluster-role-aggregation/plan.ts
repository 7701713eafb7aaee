import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, PolicyRule } from '#api/generated/rbac/v1.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';

/** The rules of all roles that the aggregation selects, by name, each rule once; its own are never among them. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((selector) => labelSelectorPredicate(selector));
  const parts = all.filter(({ metadata }) => metadata.name !== role.metadata.name && selectors.some((matches) => matches(metadata.labels ?? {})));
  const rules: PolicyRule[] = [];
  for (const part of parts.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    for (const rule of part.rules ?? []) if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule);
  }
  return rules;
}

export const isAggregated = (role: ClusterRole): boolean => role.aggregationRule !== undefined;
