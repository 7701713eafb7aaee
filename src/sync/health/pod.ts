import type { ContainerStatus, Pod } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { degraded, healthy, progressing, type Health, type HealthContext } from './health.ts';

/** Reasons that do not go away by waiting: the manifest or the image must change. */
const FATAL_WAITING = new Set([
  'ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName', 'RegistryUnavailable', 'ImageInspectError',
  'CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'StartError',
]);

export function podHealth(pod: Pod): Health {
  const { status } = pod;
  const failure = podFailure(pod);
  if (failure) return degraded(failure);
  switch (status?.phase) {
    case 'Succeeded': return healthy;
    case 'Failed': return degraded(status.message ?? status.reason ?? 'the pod failed');
    case 'Running': return isPodReady(pod) ? healthy : progressing('the pod is not ready');
    default: {
      const unscheduled = status?.conditions?.find((c) => c.type === 'PodScheduled' && c.status === 'False');
      return progressing(unscheduled?.message ?? 'the pod has not started');
    }
  }
}

/** Why a pod cannot work as it is: its container's waiting reason and message. */
export function podFailure({ status }: Pod): string | undefined {
  const containers: readonly ContainerStatus[] = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const { name, state } of containers) {
    const waiting = state?.waiting;
    if (waiting?.reason && FATAL_WAITING.has(waiting.reason)) return `container ${name}: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ''}`;
  }
  return undefined;
}

/** The first failure among a workload's pods; newer pods first, for they show what the last change did. */
export function podsFailure({ pods }: HealthContext): string | undefined {
  const newestFirst = [...pods].sort((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''));
  for (const pod of newestFirst) {
    const failure = podFailure(pod);
    if (failure && !pod.metadata.deletionTimestamp) return `pod ${pod.metadata.name}: ${failure}`;
  }
  return undefined;
}
