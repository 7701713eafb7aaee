import type { Pod } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';

/** Negative when the first pod goes before the second. */
export type PodOrder = (a: Pod, b: Pod) => number;

const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';
/** An int32 as Go's parser takes it, and without a leading zero or plus. */
const COST = /^(?:0|-\d+|[1-9]\d*)$/;
const INT32 = 2 ** 31;

const firstDifference = (orders: readonly PodOrder[]): PodOrder => (a, b) => {
  for (const order of orders) {
    const difference = order(a, b);
    if (difference !== 0) return difference;
  }
  return 0;
};

const byNode: PodOrder = (a, b) => Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName));
const byPhase: PodOrder = (a, b) => (PHASES[a.status?.phase ?? ''] ?? 0) - (PHASES[b.status?.phase ?? ''] ?? 0);
const byReadiness: PodOrder = (a, b) => Number(isPodReady(a)) - Number(isPodReady(b));
const byRestarts: PodOrder = (a, b) => restarts(b) - restarts(a) || sidecarRestarts(b) - sidecarRestarts(a);

/** The order in which a Job gives up pods: on no node, not running, not ready, ready for a short time, often restarted, young. */
export const jobDeletionOrder: PodOrder = firstDifference([byNode, byPhase, byReadiness, (a, b) => youngestFirst(readySince(a), readySince(b)), byRestarts, (a, b) => youngestFirst(createdAt(a), createdAt(b))]);

/**
 * The order in which a ReplicaSet gives up pods: that of a Job, but what somebody said of their cost, and how many `neighbours` they have on their node,
 * go before how long they were ready. Times count by their magnitude only, and then by chance (the UID): else the newest would always go.
 */
export const replicaSetDeletionOrder = (neighbours: (pod: Pod) => number, nowMs: number): PodOrder => firstDifference([
  byNode, byPhase, byReadiness, (a, b) => deletionCost(a) - deletionCost(b), (a, b) => neighbours(b) - neighbours(a),
  (a, b) => byMagnitude({ a, b, timeOf: readySince, nowMs }), byRestarts, (a, b) => byMagnitude({ a, b, timeOf: createdAt, nowMs }),
]);

/** No time at all is the youngest. */
const youngestFirst = (a: number, b: number): number => (a === b ? 0 : b - a);

function byMagnitude({ a, b, timeOf, nowMs }: { readonly a: Pod; readonly b: Pod; readonly timeOf: (pod: Pod) => number; readonly nowMs: number }): number {
  const [first, second] = [timeOf(a), timeOf(b)];
  if (first === second) return 0;
  if (first === Infinity || second === Infinity) return youngestFirst(first, second);
  const difference = magnitude(nowMs - first) - magnitude(nowMs - second);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** Kubernetes takes the logarithm of nanoseconds. */
const magnitude = (ms: number): number => (ms > 0 ? Math.trunc(Math.log2(ms * 1e6)) : -1);

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST_ANNOTATION] ?? '';
  const cost = COST.test(text) ? Number(text) : 0;
  return cost >= -INT32 && cost < INT32 ? cost : 0;
}

const timeMs = (text: string | undefined): number => (text === undefined ? Infinity : Date.parse(text));
const createdAt = (pod: Pod): number => timeMs(pod.metadata.creationTimestamp);
/** Pods that are not ready are compared among themselves only. */
const readySince = (pod: Pod): number => (isPodReady(pod) ? timeMs(pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime) : Infinity);

const restarts = (pod: Pod): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map((c) => c.restartCount));

function sidecarRestarts({ spec, status }: Pod): number {
  const sidecars = new Set((spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  return Math.max(0, ...(status?.initContainerStatuses ?? []).filter((c) => sidecars.has(c.name)).map((c) => c.restartCount));
}
