import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { findCondition, withCondition, withoutCondition } from '#controller/conditions.ts';
import { availableAtMs, isPodActive, isPodTerminating } from '#controller/pods.ts';
import { podsToDelete } from './rank.ts';

/** Kubernetes' limit: so many creates or deletes in one go. */
const BURST = 500;

export interface ScalePlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

export interface ScaleInput {
  readonly set: ReplicaSet;
  readonly pods: readonly Pod[];
  /** Active pods of the ReplicaSets of the same owner. */
  readonly related: readonly Pod[];
  readonly nowMs: number;
}

/** What brings the active pods to the wanted number. */
export function planScale({ set, pods, related, nowMs }: ScaleInput): ScalePlan {
  const active = pods.filter(isPodActive);
  const surplus = active.length - (set.spec?.replicas ?? 1);
  if (surplus < 0) return { create: Math.min(-surplus, BURST), remove: [] };
  return { create: 0, remove: podsToDelete({ pods: active, count: Math.min(surplus, BURST), related, nowMs }) };
}

export interface StatusInput {
  readonly set: ReplicaSet;
  readonly pods: readonly Pod[];
  readonly nowMs: number;
  readonly now: string;
  /** The message of a create or delete that failed in this round. */
  readonly failure?: { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string };
}

export function replicaSetStatus({ set, pods, nowMs, now, failure }: StatusInput): ReplicaSetStatus {
  const active = pods.filter(isPodActive);
  const templateLabels = Object.entries(set.spec?.template?.metadata?.labels ?? {});
  const minReady = set.spec?.minReadySeconds ?? 0;
  const conditions = conditionsOf(set.status?.conditions, failure, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((p) => templateLabels.every(([k, v]) => p.metadata.labels?.[k] === v)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((p) => (availableAtMs(p, minReady) ?? Infinity) <= nowMs).length,
    terminatingReplicas: pods.filter(isPodTerminating).length,
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** When the next ready pod becomes available; undefined when none is waiting. */
export function nextAvailableMs(set: ReplicaSet, pods: readonly Pod[], nowMs: number): number | undefined {
  const waiting = pods.filter(isPodActive).map((p) => availableAtMs(p, set.spec?.minReadySeconds ?? 0) ?? 0).filter((ms) => ms > nowMs);
  return waiting.length > 0 ? Math.min(...waiting) - nowMs : undefined;
}

/** While it goes on, the first failure stands: the next names another pod, and writing that would begin the next attempt at once. */
function conditionsOf(present: readonly ReplicaSetCondition[] | undefined, failure: StatusInput['failure'], now: string): readonly ReplicaSetCondition[] {
  if (!failure) return withoutCondition(present, 'ReplicaFailure');
  if (present && findCondition(present, 'ReplicaFailure')) return present;
  return withCondition(present, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: now, ...failure });
}

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas', 'observedGeneration'] as const;

/** Absent counts are zero: the API leaves zeros out. */
export function isSameStatus(a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean {
  const conditionText = (s: ReplicaSetStatus | undefined): string => JSON.stringify((s?.conditions ?? []).map((c) => [c.type, c.status, c.reason, c.message]));
  return a !== undefined && COUNTS.every((field) => (a[field] ?? 0) === (b[field] ?? 0)) && conditionText(a) === conditionText(b);
}
