import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import { byRevision, DESIRED_ANNOTATION, MAX_ANNOTATION, oldestFirst, replicasOf, sumReplicas } from './replica-sets.ts';
import { fencepostsOf, isRollingUpdate, wantedReplicas } from './strategy.ts';

/** A new number of replicas for a set. */
export interface Resize {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

export interface Rollout {
  readonly deployment: Deployment;
  /** The set with the present template. */
  readonly current: ReplicaSet;
  readonly old: readonly ReplicaSet[];
}

const resized = (set: ReplicaSet, replicas: number): ReplicaSet => ({ ...set, spec: { ...(set.spec as NonNullable<ReplicaSet['spec']>), replicas } });
const changed = (resizes: readonly Resize[]): readonly Resize[] => resizes.filter(({ set, replicas }) => replicasOf(set) !== replicas);
const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;

/** How large a set for the present template may be now, given the others. */
export function currentReplicas(d: Deployment, currentSize: number, old: readonly ReplicaSet[]): number {
  const wanted = wantedReplicas(d);
  if (!isRollingUpdate(d)) return wanted;
  const room = wanted + fencepostsOf(d).maxSurge - sumReplicas(old) - currentSize;
  return currentSize >= wanted ? wanted : currentSize + Math.max(0, Math.min(room, wanted - currentSize));
}

/** One step of a rolling update: grow the present set as far as surge allows, then shrink others as far as availability allows. */
export function planRollingUpdate({ deployment, current, old }: Rollout): readonly Resize[] {
  const size = currentReplicas(deployment, replicasOf(current), old);
  const grown = resized(current, size);
  return changed([{ set: current, replicas: size }, ...shrinkOld(deployment, grown, old)]);
}

function shrinkOld(d: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly Resize[] {
  const minAvailable = wantedReplicas(d) - fencepostsOf(d).maxUnavailable;
  const currentUnavailable = replicasOf(current) - available(current);
  const maxRemoved = sumReplicas([current, ...old]) - minAvailable - currentUnavailable;
  const withPods = old.filter((set) => replicasOf(set) > 0).toSorted(oldestFirst);
  // Pods that never became available go first: removing them costs nothing.
  let left = Math.max(0, maxRemoved);
  const unhealthyGone = withPods.map((set) => {
    const removed = Math.min(left, Math.max(0, replicasOf(set) - available(set)));
    left -= removed;
    return { set, replicas: replicasOf(set) - removed };
  });
  let spare = Math.max(0, available(current) + old.reduce((sum, set) => sum + available(set), 0) - minAvailable);
  return unhealthyGone.map(({ set, replicas }) => {
    const removed = Math.min(spare, left, replicas);
    spare -= removed;
    left -= removed;
    return { set, replicas: replicas - removed };
  });
}

/** Whether `spec.replicas` changed since the sets were last sized. */
export const isScalingEvent = (d: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_ANNOTATION];
    return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== wantedReplicas(d);
  });

/** Follows a change of `spec.replicas` (also while paused): a rollout in flight keeps its proportions. */
export function planScale(d: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): readonly Resize[] {
  const wanted = wantedReplicas(d);
  const active = [...old, ...(current ? [current] : [])].filter((set) => replicasOf(set) > 0);
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.toSorted(byRevision).at(-1);
    return only ? outdated(d, [{ set: only, replicas: wanted }]) : [];
  }
  if (current && isSaturated(d, current)) return changed(old.map((set) => ({ set, replicas: 0 })));
  return isRollingUpdate(d) ? outdated(d, proportional(d, active)) : [];
}

/** Also a set of the right size is written when it was sized for another wish: otherwise the change would never be over. */
const outdated = (d: Deployment, resizes: readonly Resize[]): readonly Resize[] =>
  resizes.filter(({ set, replicas }) => replicasOf(set) !== replicas || (replicas > 0 && isScalingEvent(d, [set])));

const isSaturated = (d: Deployment, set: ReplicaSet): boolean => {
  const wanted = wantedReplicas(d);
  return replicasOf(set) === wanted && Number(set.metadata.annotations?.[DESIRED_ANNOTATION]) === wanted && available(set) === wanted;
};

function proportional(d: Deployment, active: readonly ReplicaSet[]): readonly Resize[] {
  const wanted = wantedReplicas(d);
  const allowed = wanted > 0 ? wanted + fencepostsOf(d).maxSurge : 0;
  const toAdd = allowed - sumReplicas(active);
  // The largest set takes what rounding leaves; among equals the newest when growing, the oldest when shrinking.
  const sorted = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? oldestFirst(b, a) : oldestFirst(a, b)));
  let added = 0;
  const shares = sorted.map((set) => {
    const before = Number(set.metadata.annotations?.[MAX_ANNOTATION]) || (d.status?.replicas ?? 0) || sumReplicas(active);
    const ideal = Math.round((replicasOf(set) * (wanted + fencepostsOf(d).maxSurge)) / before) - replicasOf(set);
    const left = toAdd - added;
    const share = wanted === 0 ? -replicasOf(set) : toAdd > 0 ? Math.max(0, Math.min(ideal, left)) : Math.min(0, Math.max(ideal, left));
    added += share;
    return { set, replicas: replicasOf(set) + share };
  });
  return shares.map((resize, i) => (i === 0 ? { ...resize, replicas: Math.max(0, resize.replicas + toAdd - added) } : resize));
}

/** Old sets beyond the history limit that nothing runs from, oldest revision first. */
export function planCleanup(d: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const surplus = alive.length - (d.spec?.revisionHistoryLimit ?? 10);
  if (surplus <= 0) return [];
  return alive.toSorted(byRevision).slice(0, surplus).filter(isIdle);
}

const isIdle = (set: ReplicaSet): boolean =>
  replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0);
