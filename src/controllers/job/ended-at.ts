import type { Pod } from '#api/generated/core/v1.ts';

/**
 * When the pod ended, in milliseconds since the epoch: as its containers tell when all have ended; else when it was no longer ready; else when it was
 * deleted; a pod that tells nothing ended when it was made, so that nobody waits for it.
 */
export function endedAtMs(pod: Pod): number {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? []).filter((c) => sidecars.has(c.name))];
  const times = statuses.map((c) => Date.parse(c.state?.terminated?.finishedAt ?? ''));
  if (times.length > 0 && times.every(Number.isFinite)) return Math.max(...times);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata;
  const unready = pod.status?.conditions?.find((c) => c.type === 'Ready' && c.status === 'False');
  const told = [Date.parse(unready?.lastTransitionTime ?? ''), Date.parse(deletionTimestamp ?? '') - Number(deletionGracePeriodSeconds) * 1_000, Date.parse(creationTimestamp ?? '')];
  return told.find(Number.isFinite) ?? 0;
}
