import type { Pod, PodCondition } from '#api/generated/core/v1.ts';
import { formatTime } from '#base/clock.ts';
import { isPodTerminal } from '#api/pods.ts';
import { PODS } from '#api/resources.ts';
import { isOtherObject, isStatus } from '#api/status-error.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import { findCondition, withCondition } from '#controller/conditions.ts';
import type { ControllerDependencies } from '#controller/reconciler.ts';

/** Why a pod that did nothing wrong has to go, in Kubernetes' words; a Job's failure policy reads it. */
export interface Disruption {
  readonly reason: 'DeletionByTaintManager' | 'DeletionByPodGC';
  readonly message: string;
}

type Dependencies = Pick<ControllerDependencies, 'client' | 'clock'>;

/** Deletes the pod with its time of grace, and says why before. */
export async function evictPod(deps: Dependencies, pod: Pod, disruption: Disruption, signal: AbortSignal): Promise<void> {
  const condition = conditionOf(pod, disruption, deps.clock.now());
  if (condition) await patchStatus(deps, pod, { conditions: [condition] }, signal);
  await deps.client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid }, signal }).catch(ignoreNotFound);
}

/** Deletes the pod at once. Nobody is there any more who would say of one that ran that it has failed. */
export async function collectPod(deps: Dependencies, pod: Pod, disruption: Disruption | undefined, signal: AbortSignal): Promise<void> {
  const condition = disruption && conditionOf(pod, disruption, deps.clock.now());
  if (!isPodTerminal(pod)) await patchStatus(deps, pod, { phase: 'Failed', ...(condition ? { conditions: [condition] } : {}) }, signal);
  await deps.client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid }, signal }).catch(ignoreNotFound);
}

/** Undefined when the pod says so already. */
function conditionOf({ status }: Pod, disruption: Disruption, nowMs: number): PodCondition | undefined {
  const conditions = withCondition(status?.conditions, { type: 'DisruptionTarget', status: 'True', ...disruption, lastTransitionTime: formatTime(nowMs) });
  return conditions === status?.conditions ? undefined : findCondition(conditions, 'DisruptionTarget');
}

/** A patch, as its node may write the status in the same moment. */
async function patchStatus({ client }: Dependencies, { metadata }: Pod, status: object, signal: AbortSignal): Promise<void> {
  try {
    await client.patch(PODS, metadata, { type: 'strategic', body: { metadata: { uid: metadata.uid }, status } }, { subresource: 'status', signal });
  } catch (error) {
    if (!isStatus(error, 'NotFound') && !isOtherObject(error)) throw error;
  }
}
