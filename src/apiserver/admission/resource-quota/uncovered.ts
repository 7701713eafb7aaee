import type { ResourceQuota } from '#api/generated/core/v1.ts';
import { growth } from '#api/quota/amounts.ts';
import { isInScopes, scopesOf } from '#api/quota/quota.ts';
import type { ChargeInput } from './charge.ts';
import type { LimitedResource } from './configuration.ts';

/** What a write would take without any quota that covers it, of what must not be taken so. */
export interface Uncovered {
  /** The names by which a quota would limit it. */
  readonly names: readonly string[];
  /** Scopes, as Go writes them. */
  readonly scopes: readonly string[];
}

export function uncoveredBy(quotas: readonly ResourceQuota[], limited: readonly LimitedResource[], { evaluator, object, live, nowMs }: ChargeInput): Uncovered {
  const usage = evaluator.usage(object, nowMs);
  if (Object.keys(growth(usage, live === undefined ? {} : evaluator.usage(live, nowMs))).length === 0) return { names: [], scopes: [] };
  const parts = limited.filter(({ resource }) => resource === evaluator.resource).flatMap(({ matchContains }) => matchContains);
  const covered = new Set(quotas.filter((quota) => isInScopes(quota, evaluator, object)).flatMap(({ status }) => Object.keys(status?.hard ?? {})));
  const present = new Set(quotas.flatMap(scopesOf).filter((scope) => evaluator.isInScope(scope, object)).map(({ scopeName }) => scopeName));
  const scopes = limited.flatMap(({ matchScopes }) => matchScopes).filter((scope) => evaluator.isInScope(scope, object) && !present.has(scope.scopeName));
  return {
    names: Object.keys(usage).filter((name) => (usage[name]?.nanos ?? 0n) > 0n && parts.some((part) => name.includes(part)) && !covered.has(name)).toSorted(),
    scopes: scopes.map(({ scopeName, operator, values = [] }) => `{${scopeName} ${operator} [${values.join(' ')}]}`),
  };
}
