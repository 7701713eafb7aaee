import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, PolicyRule } from '#api/generated/rbac/v1.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';

/** The rules of all roles that the aggregation selects, by selector and then by name, each rule once; its own are never among them. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const others = all.filter(({ metadata }) => metadata.name !== role.metadata.name).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((selector) => labelSelectorPredicate(selector));
  const rules: PolicyRule[] = [];
  for (const matches of selectors) for (const part of others) {
    if (matches(part.metadata.labels ?? {})) for (const rule of part.rules ?? []) if (!rules.some((known) => isDeepStrictEqual(known, rule))) rules.push(rule);
  }
  return rules;
}

export const isAggregated = (role: ClusterRole): boolean => role.aggregationRule !== undefined;
