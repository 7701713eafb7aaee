import type { Pod } from '#api/generated/core/v1.ts';
import { formatTime } from '#base/clock.ts';
import { isPodTerminal } from '#api/pods.ts';
import { findCondition } from '#controller/conditions.ts';

/** Whoever said that a pod has to go deletes it within Kubernetes' two minutes, or did not mean it. */
const STALE_MS = 120_000;

/** In how many milliseconds the pod's disruption is to be taken back; undefined where none was told, or none that may go back. A node takes its time. */
export function msToStale(pod: Pod, nowMs: number): number | undefined {
  const told = findCondition(pod.status?.conditions, 'DisruptionTarget');
  if (told?.status !== 'True' || told.reason === 'TerminationByKubelet' || pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return undefined;
  return Math.max(0, Date.parse(told.lastTransitionTime ?? '') + STALE_MS - nowMs) || 0;
}

export const withoutDisruption = (pod: Pod, nowMs: number): Pod => ({
  ...pod,
  status: {
    ...pod.status,
    conditions: (pod.status?.conditions ?? []).map((c) => (c.type === 'DisruptionTarget' ? { type: c.type, status: 'False', lastTransitionTime: formatTime(nowMs) } : c)),
  },
});
