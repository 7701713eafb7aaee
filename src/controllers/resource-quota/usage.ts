import type { Pod, ResourceQuota } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { addAmounts, type Amounts, countOf, formatAmounts, pick } from '#api/quota/amounts.ts';
import type { QuotaEvaluator } from '#api/quota/evaluator.ts';
import { isInScopes } from '#api/quota/quota.ts';

/** All objects of one resource in the quota's namespace, at one moment. */
export interface Counted {
  readonly evaluator: QuotaEvaluator;
  readonly objects: readonly KubeObject[];
}

/** What the objects use of what the quota limits; a name that nothing uses is there with zero. */
export function usedOf(quota: ResourceQuota, counted: readonly Counted[], nowMs: number): NonNullable<NonNullable<ResourceQuota['status']>['used']> {
  let used: Amounts = {};
  for (const { evaluator, objects } of counted) {
    const names = Object.keys(quota.spec?.hard ?? {}).filter((name) => evaluator.counts(name));
    used = { ...used, ...Object.fromEntries(names.map((name) => [name, used[name] ?? countOf(0)])) };
    for (const object of objects) {
      if (isInScopes(quota, evaluator, object)) used = addAmounts(used, pick(evaluator.usage(object, nowMs), names));
    }
  }
  return formatAmounts(used);
}

/** When the first of the deleted pods stops to count because its time of grace is over; undefined when none will. */
export function nextReleaseMs(objects: readonly KubeObject[], nowMs: number): number | undefined {
  const ends = objects.flatMap(({ metadata: { deletionTimestamp, deletionGracePeriodSeconds } }: Pick<Pod, 'metadata'>) =>
    (deletionTimestamp === undefined ? [] : [Date.parse(deletionTimestamp) + Number(deletionGracePeriodSeconds ?? 0) * 1_000]));
  const future = ends.filter((end) => end >= nowMs);
  return future.length === 0 ? undefined : Math.min(...future) + 1;
}
