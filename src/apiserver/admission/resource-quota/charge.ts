import type { ResourceQuota } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { addAmounts, type Amounts, exceeding, formatAmounts, growth, parseAmounts, pick, textOf } from '#api/quota/amounts.ts';
import type { QuotaEvaluator } from '#api/quota/evaluator.ts';
import { isInScopes } from '#api/quota/quota.ts';

export interface ChargeInput {
  readonly evaluator: QuotaEvaluator;
  readonly object: KubeObject;
  /** The stored object, in an update. */
  readonly live?: KubeObject;
  readonly nowMs: number;
}

export type Charge =
  | { readonly type: 'none' }
  | { readonly type: 'charged'; readonly used: NonNullable<ResourceQuota['status']>['used'] }
  | { readonly type: 'refused'; readonly why: string };

const NONE: Charge = { type: 'none' };

/** What a write takes of a quota. A quota limits what its status says; its controller copies the spec there when it has counted. */
export function chargeOf(quota: ResourceQuota & KubeObject, { evaluator, object, live, nowMs }: ChargeInput): Charge {
  const names = Object.keys(quota.status?.hard ?? {}).filter((name) => evaluator.counts(name));
  if (names.length === 0 || !isInScopes(quota, evaluator, object)) return NONE;
  const { name } = quota.metadata;
  const missing = evaluator.missing?.(names, object);
  if (missing !== undefined) return { type: 'refused', why: `failed quota: ${name}: ${missing}` };
  const used = parseAmounts(quota.status?.used);
  if (names.some((n) => used[n] === undefined)) return { type: 'refused', why: `status unknown for quota: ${name}, resources: ${names.toSorted().join(',')}` };
  const usage = evaluator.usage(object, nowMs);
  const negative = Object.keys(usage).filter((n) => (usage[n]?.nanos ?? 0n) < 0n);
  if (negative.length > 0) return { type: 'refused', why: `quota usage is negative for resource(s): ${negative.toSorted().join(',')}` };
  const isCounted = live !== undefined && isInScopes(quota, evaluator, live);
  return take(quota, used, pick(growth(usage, isCounted ? evaluator.usage(live, nowMs) : {}), names));
}

function take(quota: ResourceQuota & KubeObject, used: Amounts, requested: Amounts): Charge {
  if (Object.keys(requested).length === 0) return NONE;
  const hard = parseAmounts(quota.status?.hard);
  const total = addAmounts(used, requested);
  const over = exceeding(pick(total, Object.keys(requested)), hard);
  if (over.length === 0) return { type: 'charged', used: formatAmounts(total) };
  const [asked, taken, limit] = [requested, used, hard].map((amounts) => textOf(pick(amounts, over)));
  return { type: 'refused', why: `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${taken}, limited: ${limit}` };
}
