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

const countedNames = (quota: ResourceQuota & KubeObject, { evaluator, object }: ChargeInput): readonly string[] =>
  (isInScopes(quota, evaluator, object) ? Object.keys(quota.status?.hard ?? {}).filter((name) => evaluator.counts(name)) : []);

/** Why a quota cannot count the object at all. */
export function objectionOf(quota: ResourceQuota & KubeObject, input: ChargeInput): string | undefined {
  const names = countedNames(quota, input);
  if (names.length === 0) return undefined;
  const { name } = quota.metadata;
  const missing = input.evaluator.missing?.(names, input.object);
  if (missing !== undefined) return `failed quota: ${name}: ${missing}`;
  const used = parseAmounts(quota.status?.used);
  return names.some((n) => used[n] === undefined) ? `status unknown for quota: ${name}, resources: ${names.toSorted().join(',')}` : undefined;
}

/** What a write takes of a quota that has no {@link objectionOf} it. A quota limits what its status says; its controller copies the spec there when it has counted. */
export function chargeOf(quota: ResourceQuota & KubeObject, input: ChargeInput): Charge {
  const { evaluator, object, live, nowMs } = input;
  const names = countedNames(quota, input);
  if (names.length === 0) return NONE;
  const usage = evaluator.usage(object, nowMs);
  const negative = Object.keys(usage).filter((n) => (usage[n]?.nanos ?? 0n) < 0n);
  if (negative.length > 0) return { type: 'refused', why: `quota usage is negative for resource(s): ${negative.toSorted().join(',')}` };
  const isCounted = live !== undefined && isInScopes(quota, evaluator, live);
  return take(quota, parseAmounts(quota.status?.used), pick(growth(usage, isCounted ? evaluator.usage(live, nowMs) : {}), names));
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
