import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from '#api/generated/core/v1.ts';
import { formatTime } from '#base/clock.ts';
import { isSidecar, mayRestart, newestSandbox, type PodView } from '../pods/pod-plan.ts';
import type { RuntimeContainer } from '../runtime/container-runtime.ts';

export interface StatusInput {
  readonly pod: Pod;
  readonly view: PodView;
  readonly now: number;
  readonly podIps: readonly string[];
  readonly hostIp: string;
  /** The status as last computed or read: transition times and counts come from it. */
  readonly previous: PodStatus;
  readonly waiting: ReadonlyMap<string, { readonly reason: string; readonly message: string }>;
  /** Last words by container id. */
  readonly messages: ReadonlyMap<string, string>;
  readonly isReady: (container: Container, containerId: string) => boolean;
  readonly isStarted: (container: Container, containerId: string) => boolean;
  /** Ended by the agent for good: deadline, refusal. */
  readonly verdict?: { readonly phase: 'Failed' | 'Succeeded'; readonly reason?: string; readonly message?: string } | undefined;
  readonly isStopping: boolean;
}

/** The status of a pod from what runs of it. Pure; keeps fields and conditions that others own. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, previous, podIps, hostIp } = input;
  const inits = (pod.spec.initContainers ?? []).map((c) => containerStatus(input, c, true));
  const mains = pod.spec.containers.map((c) => containerStatus(input, c, false));
  const phase = phaseOf(input, inits, mains);
  const { reason: _reason, message: _message, ...kept } = previous;
  return {
    ...kept,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    ...(input.verdict?.reason === undefined ? {} : { reason: input.verdict.reason }),
    ...(input.verdict?.message === undefined ? {} : { message: input.verdict.message }),
    conditions: conditionsOf(input, inits, mains, phase),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIps[0] === undefined ? {} : { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    startTime: previous.startTime ?? formatTime(input.now),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }),
    containerStatuses: mains,
  };
}

function containerStatus(input: StatusInput, container: Container, isInit: boolean): ContainerStatus {
  const instances = input.view.containers.filter((c) => c.name === container.name).toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt);
  const old = (isInit ? input.previous.initContainerStatuses : input.previous.containerStatuses)?.find((s) => s.name === container.name);
  const [newest, before] = instances;
  const waiting = input.waiting.get(container.name);
  const isHeld = waiting !== undefined && newest?.state !== 'running';
  const isRunning = newest?.state === 'running';
  const started = isRunning && input.isStarted(container, newest.id);
  const last = isHeld && newest ? newest : before;
  const ready = isInit && !isSidecar(container) ? newest?.state === 'exited' && newest.exitCode === 0 : started && input.isReady(container, newest.id);
  return {
    name: container.name,
    state: isHeld ? { waiting: { reason: waiting.reason, message: waiting.message } } : newest ? stateOf(input, newest) : endedBefore(input, old, isInit),
    lastState: last?.state === 'exited' ? stateOf(input, last) : (old?.lastState ?? {}),
    ready,
    restartCount: Math.max(newest?.attempt ?? 0, old?.restartCount ?? 0),
    image: container.image ?? '',
    imageID: newest?.imageId ?? old?.imageID ?? '',
    ...(newest ? { containerID: `containerd://${newest.id}` } : old?.containerID ? { containerID: old.containerID } : {}),
    started,
  };
}

/** No instance is known. One that the last status shows as ended is not forgotten. */
function endedBefore(input: StatusInput, old: ContainerStatus | undefined, isInit: boolean): ContainerState {
  if (old?.state?.terminated) return old.state;
  if (input.isStopping && old?.state?.running) {
    return { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated', ...(old.containerID ? { containerID: old.containerID } : {}) } };
  }
  return { waiting: { reason: !isInit && (input.pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : input.verdict ? 'ContainerCannotRun' : 'ContainerCreating' } };
}

function stateOf(input: StatusInput, c: RuntimeContainer): ContainerState {
  if (c.state === 'running') return { running: { startedAt: formatTime(c.startedAt) } };
  if (c.state !== 'exited') return { waiting: { reason: 'ContainerCreating' } };
  const message = input.messages.get(c.id) ?? c.message;
  return {
    terminated: {
      exitCode: c.exitCode,
      reason: c.reason || (c.exitCode === 0 ? 'Completed' : 'Error'),
      ...(message === '' ? {} : { message }),
      startedAt: c.startedAt === 0 ? formatTime(c.createdAt) : formatTime(c.startedAt),
      finishedAt: formatTime(c.finishedAt),
      containerID: `containerd://${c.id}`,
    },
  };
}

function phaseOf(input: StatusInput, inits: readonly ContainerStatus[], mains: readonly ContainerStatus[]): NonNullable<PodStatus['phase']> {
  if (input.verdict) return input.verdict.phase;
  const { phase } = input.previous;
  if (phase === 'Succeeded' || phase === 'Failed') return phase;
  const specs = new Map([...(input.pod.spec.initContainers ?? []), ...input.pod.spec.containers].map((c) => [c.name, c]));
  const isOver = (s: ContainerStatus): boolean => {
    const instance = input.view.containers.find((c) => s.containerID === `containerd://${c.id}`);
    const spec = specs.get(s.name);
    return s.state?.terminated !== undefined && (input.isStopping || !instance || !spec || !mayRestart(input.pod, spec, instance));
  };
  if (mains.every(isOver)) return mains.every((s) => s.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  if (inits.some((s) => isOver(s) && s.state?.terminated?.exitCode !== 0)) return 'Failed';
  const hasStarted = mains.some((s) => s.state?.running ?? s.state?.terminated ?? s.lastState?.terminated);
  return hasStarted ? 'Running' : 'Pending';
}

function conditionsOf(input: StatusInput, inits: readonly ContainerStatus[], mains: readonly ContainerStatus[], phase: PodStatus['phase']): readonly PodCondition[] {
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  const unready = mains.filter((s) => !s.ready).map((s) => s.name);
  const isUp = inits.every((s) => s.ready || (s.started && input.pod.spec.initContainers?.find((c) => c.name === s.name)?.restartPolicy === 'Always'));
  const initialized = isUp || mains.some((s) => s.containerID !== undefined);
  const gates = input.pod.spec.readinessGates ?? [];
  const missingGates = gates.filter((g) => input.previous.conditions?.find((c) => c.type === g.conditionType)?.status !== 'True');
  const notReady = { status: 'False', reason: isDone ? (phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed') : 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const containersReady = unready.length === 0 && !isDone ? { status: 'True' } : notReady;
  const gatesMissing = { status: 'False', reason: 'ReadinessGatesNotReady', message: `the status of pod readiness gate "${missingGates[0]?.conditionType}" is not "True", but False` };
  const hasSandbox = !isDone && (newestSandbox(input.view)?.isReady ?? false);
  const states: Readonly<Record<string, { readonly status: string; readonly reason?: string; readonly message?: string }>> = {
    PodReadyToStartContainers: { status: hasSandbox ? 'True' : 'False' },
    Initialized: initialized || (isDone && phase === 'Succeeded')
      ? { status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
      : { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${inits.filter((s) => !s.ready).map((s) => s.name).join(' ')}]` },
    Ready: containersReady.status === 'True' && missingGates.length > 0 ? gatesMissing : containersReady,
    ContainersReady: containersReady,
  };
  const old = input.previous.conditions ?? [];
  const own = Object.entries(states).map(([type, state]) => condition(input, type, state, old.find((c) => c.type === type)));
  const scheduled = old.find((c) => c.type === 'PodScheduled') ?? condition(input, 'PodScheduled', { status: 'True' }, undefined);
  return [...own, scheduled, ...old.filter((c) => states[c.type] === undefined && c.type !== 'PodScheduled')];
}

function condition(input: StatusInput, type: string, state: { readonly status: string; readonly reason?: string; readonly message?: string }, old: PodCondition | undefined): PodCondition {
  const isSame = old?.status === state.status && old.lastTransitionTime;
  const { generation } = input.pod.metadata;
  return { type, ...(generation === undefined ? {} : { observedGeneration: generation }), ...state, lastTransitionTime: isSame ? old.lastTransitionTime : formatTime(input.now) };
}
