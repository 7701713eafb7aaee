import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { formatTime } from '#base/clock.ts';

/** How long the pod's containers run before they succeed, as `500ms`, `30s`, `5m` or `1h`; not for restart policy `Always`. */
export const DURATION_ANNOTATION = 'headway.dev/simulated-duration';
/** A Job's pod that says nothing: long enough to be seen running, and a Job without an end would keep its application from being healthy. */
const JOB_DURATION_MS = 1_000;
/** By SIGKILL. */
const KILLED = 137;

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds; undefined when the pod runs for ever: restart policy `Always`, or no annotation and not a Job's.
 * @throws RangeError for a duration that cannot be read.
 */
export function durationOf(pod: Pod): number | undefined {
  if ((pod.spec?.restartPolicy ?? 'Always') === 'Always') return undefined;
  const text = pod.metadata.annotations?.[DURATION_ANNOTATION];
  if (text === undefined) return isOfJob(pod) ? JOB_DURATION_MS : undefined;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) throw new RangeError(`${DURATION_ANNOTATION}: ${JSON.stringify(text)} is no duration such as 500ms, 30s or 5m`);
  return Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS];
}

const isOfJob = (pod: Pod): boolean => pod.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.kind === 'Job') ?? false;

/** How long the pod may be active, milliseconds; undefined when it sets itself no deadline. */
export const deadlineOf = (pod: Pod): number | undefined => (pod.spec?.activeDeadlineSeconds === undefined ? undefined : pod.spec.activeDeadlineSeconds * 1_000);

/** Whether a running pod's status tells of its readiness, of all its ephemeral containers, and of its spec as it is now. */
export const isReported = (pod: Pod): boolean =>
  pod.status?.observedGeneration === pod.metadata.generation && (unmetGates(pod).length === 0) === isPodReady(pod) && (pod.spec?.ephemeralContainers ?? []).length === (pod.status?.ephemeralContainerStatuses ?? []).length;

const unmetGates = (pod: Pod): readonly string[] =>
  (pod.spec?.readinessGates ?? []).map((gate) => gate.conditionType)
    .filter((type) => !pod.status?.conditions?.some((c) => c.type === type && c.status === 'True'));

export interface PodPlace {
  readonly podIP: string;
  readonly hostIP: string;
  readonly nowMs: number;
}

/** All containers run, and are ready unless a readiness gate says otherwise. */
export function runningStatus(pod: Pod, { podIP, hostIP, nowMs }: PodPlace): PodStatus {
  const startTime = pod.status?.startTime ?? formatTime(nowMs);
  const address = pod.spec?.hostNetwork ? hostIP : podIP;
  const running: ContainerState = { running: { startedAt: startTime } };
  const done: ContainerState = { terminated: { exitCode: 0, reason: 'Completed', startedAt: startTime, finishedAt: startTime } };
  return {
    phase: 'Running', ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), startTime, hostIP, hostIPs: [{ ip: hostIP }], podIP: address, podIPs: [{ ip: address }],
    conditions: podConditions(pod, nowMs),
    initContainerStatuses: (pod.spec?.initContainers ?? []).map((c) => containerStatus(pod, c, c.restartPolicy === 'Always' ? running : done)),
    containerStatuses: (pod.spec?.containers ?? []).map((c) => containerStatus(pod, c, running)),
    ephemeralContainerStatuses: (pod.spec?.ephemeralContainers ?? []).map((c) => containerStatus(pod, c, running)),
  };
}

/** All containers have ended well. */
export function succeededStatus(pod: Pod, nowMs: number): PodStatus {
  return { phase: 'Succeeded', ...endedStatus(pod, nowMs, { exitCode: 0, reason: 'Completed' }, 'PodCompleted') };
}

/** All containers were killed: the pod was active for longer than it said. */
export function overdueStatus(pod: Pod, nowMs: number): PodStatus {
  return { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline', ...endedStatus(pod, nowMs, { exitCode: KILLED, reason: 'Error' }, 'PodFailed') };
}

function endedStatus(pod: Pod, nowMs: number, how: { readonly exitCode: number; readonly reason: string }, reason: string): PodStatus {
  const finishedAt = formatTime(nowMs);
  const state: ContainerState = { terminated: { ...how, startedAt: pod.status?.startTime ?? finishedAt, finishedAt } };
  return {
    conditions: ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'False', reason, lastTransitionTime: finishedAt })),
    containerStatuses: (pod.spec?.containers ?? []).map((c) => containerStatus(pod, c, state)),
  };
}

function podConditions(pod: Pod, nowMs: number): readonly PodCondition[] {
  const lastTransitionTime = formatTime(nowMs);
  const met = ['PodReadyToStartContainers', 'Initialized', 'ContainersReady', 'PodScheduled'].map((type) => ({ type, status: 'True', lastTransitionTime }));
  const unmet = unmetGates(pod);
  if (unmet.length === 0) return [...met, { type: 'Ready', status: 'True', lastTransitionTime }];
  const message = unmet.map((type) => `corresponding condition of pod readiness gate "${type}" does not exist or is not "True".`).join(', ');
  return [...met, { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message, lastTransitionTime }];
}

function containerStatus(pod: Pod, { name, image = '' }: Pick<Container, 'name' | 'image'>, state: ContainerState): ContainerStatus {
  const isRunning = state.running !== undefined;
  return {
    name, image, imageID: `simulated://${image}`, containerID: `simulated://${pod.metadata.uid}/${name}`,
    state, ready: isRunning, started: isRunning, restartCount: 0,
  };
}
