import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '#api/generated/core/v1.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/generated/policy/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { findCondition, withCondition } from '#controller/conditions.ts';

/** An eviction that was granted must delete its pod within Kubernetes' two minutes, or it counts no more. */
const EVICTION_MS = 120_000;

/** How many pods the controllers of the selected pods want, and the names of pods that have none; or why one of them cannot tell. */
export type ExpectedPods = { readonly count: number; readonly unmanaged: readonly string[] } | { readonly problem: string };

export interface DisruptionInput {
  readonly budget: PodDisruptionBudget;
  /** All that the budget selects. */
  readonly pods: readonly Pod[];
  readonly expected: ExpectedPods;
  readonly nowMs: number;
  readonly now: string;
}

export interface DisruptionPlan {
  readonly status: PodDisruptionBudgetStatus;
  /** Until an eviction that was granted counts no more; absent when none is under way. */
  readonly recheckMs?: number;
  /** Pods whose eviction was granted, and that are still there when it counts no more. */
  readonly notDeleted: readonly Pod[];
  /** What the budget's owner should know of. */
  readonly warning?: { readonly reason: string; readonly message: string };
}

/** A whole number of healthy pods needs no controller to be asked, and neither does a budget that asks for nothing. */
export const needsExpectedPods = ({ spec }: PodDisruptionBudget): boolean => spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';

/** What a budget's status should say now: how many of its pods may be evicted. */
export function planDisruptions(input: DisruptionInput): DisruptionPlan {
  const { budget, pods, expected, nowMs } = input;
  const { disruptedPods, notDeleted, recheckMs } = evictionsUnderWay(budget, pods, nowMs);
  const counted = needsExpectedPods(budget) ? expected : { count: budget.spec?.minAvailable === undefined ? 0 : pods.length, unmanaged: [] };
  if ('problem' in counted) return { status: unknown(input, counted.problem), notDeleted: [], warning: { reason: 'CalculateExpectedPodCountFailed', message: `Failed to calculate the number of expected pods: ${counted.problem}` } };
  const desiredHealthy = desiredOf(budget, counted.count);
  const currentHealthy = pods.filter((p) => p.metadata.deletionTimestamp === undefined && disruptedPods[p.metadata.name ?? ''] === undefined && isPodReady(p)).length;
  const disruptionsAllowed = counted.count > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const status = {
    observedGeneration: budget.metadata.generation, currentHealthy, desiredHealthy, expectedPods: counted.count, disruptionsAllowed,
    ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
    conditions: conditionsOf(input, disruptionsAllowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' }),
  };
  return { status, notDeleted, ...(recheckMs === undefined ? {} : { recheckMs }), ...(counted.unmanaged.length > 0 ? { warning: unmanagedPods(budget) } : {}) };
}

/** In the words of Kubernetes, with the selector as Go prints it. */
function unmanagedPods({ spec }: PodDisruptionBudget): NonNullable<DisruptionPlan['warning']> {
  const labels = Object.entries(spec?.selector?.matchLabels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`).join('');
  const expressions = (spec?.selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`).join('');
  const selector = `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`;
  const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
  return { reason: 'UnmanagedPods', message };
}

/** `minAvailable` or `maxUnavailable`, in pods or in percent of what is expected, rounded up. */
function desiredOf({ spec }: PodDisruptionBudget, expected: number): number {
  if (spec?.maxUnavailable !== undefined) return Math.max(0, expected - scaled(spec.maxUnavailable, expected));
  return spec?.minAvailable === undefined ? 0 : scaled(spec.minAvailable, expected);
}

const scaled = (value: string | number, total: number): number => (typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100));

/** Granted evictions whose pods are still there: they are not healthy any more, and are not granted twice. */
function evictionsUnderWay({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): { readonly disruptedPods: Readonly<Record<string, string>>; readonly notDeleted: readonly Pod[]; readonly recheckMs: number | undefined } {
  const granted = pods.flatMap((pod) => {
    const time = status?.disruptedPods?.[pod.metadata.name];
    return time === undefined || pod.metadata.deletionTimestamp !== undefined ? [] : [{ pod, name: pod.metadata.name, granted: time, restMs: Date.parse(time) + EVICTION_MS - nowMs }];
  });
  const waiting = granted.filter(({ restMs }) => restMs > 0);
  return { notDeleted: granted.filter(({ restMs }) => restMs <= 0).map(({ pod }) => pod), disruptedPods: Object.fromEntries(waiting.map(({ name, granted }) => [name, granted])), recheckMs: waiting.length > 0 ? Math.min(...waiting.map((w) => w.restMs)) : undefined };
}

/** Nothing may be evicted while nobody knows how many pods there should be. */
const unknown = (input: DisruptionInput, message: string): PodDisruptionBudgetStatus => ({
  ...input.budget.status, disruptionsAllowed: 0,
  conditions: conditionsOf(input, { status: 'False', reason: 'SyncFailed', message, observedGeneration: input.budget.status?.observedGeneration ?? 0 }),
});

function conditionsOf({ budget, now }: DisruptionInput, { message = '', observedGeneration = budget.metadata.generation, ...is }: { readonly status: string; readonly reason: string; readonly message?: string; readonly observedGeneration?: number }): NonNullable<PodDisruptionBudgetStatus['conditions']> {
  const present = budget.status?.conditions;
  const next = { type: 'DisruptionAllowed', ...is, message, lastTransitionTime: now, observedGeneration };
  const same = findCondition(present, next.type);
  const isOld = same && same.observedGeneration !== next.observedGeneration;
  return withCondition(isOld ? present?.map((c) => (c === same ? { ...c, observedGeneration: next.observedGeneration } : c)) : present, next);
}

/** Absent counts are zero: the API leaves some zeros out. */
export function isSameStatus(a: PodDisruptionBudgetStatus | undefined, b: PodDisruptionBudgetStatus): boolean {
  const whole = (s: PodDisruptionBudgetStatus | undefined): object => ({
    observedGeneration: s?.observedGeneration, disruptedPods: s?.disruptedPods ?? {}, conditions: s?.conditions ?? [],
    counts: [s?.currentHealthy ?? 0, s?.desiredHealthy ?? 0, s?.expectedPods ?? 0, s?.disruptionsAllowed ?? 0],
  });
  return a !== undefined && isDeepStrictEqual(whole(a), whole(b));
}
