import type { ScopedResourceSelectorRequirement } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { Amounts } from './amounts.ts';

export type ScopeRequirement = ScopedResourceSelectorRequirement;

/** How the objects of one resource count towards quotas. */
export interface QuotaEvaluator {
  readonly resource: GroupResource;
  /** Whether an update may take more of a quota than the stored object did; of most kinds only creation counts. */
  countsUpdate(object: KubeObject, live: KubeObject): boolean;
  /** The subresource whose updates count too. */
  readonly subresource?: string;
  /** Whether the objects count towards what a quota names so. */
  counts(name: string): boolean;
  /** Whether an object lies within a scope; kinds without scopes match no quota that has any. */
  isInScope(requirement: ScopeRequirement, object: KubeObject): boolean;
  usage(object: KubeObject, nowMs: number): Amounts;
  /** What an object must say when a quota limits these names, as Kubernetes words it; undefined when nothing is missing. */
  missing?(names: readonly string[], object: KubeObject): string | undefined;
}

/** Whether a value, or one of several, satisfies a requirement of a scope selector. */
export function meets({ operator, values = [] }: ScopeRequirement, present: readonly string[]): boolean {
  switch (operator) {
    case 'Exists': return present.length > 0;
    case 'DoesNotExist': return present.length === 0;
    case 'In': return present.some((value) => values.includes(value));
    case 'NotIn': return present.length === 0 || present.some((value) => !values.includes(value));
  }
}
