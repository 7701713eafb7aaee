import type { Container, Pod } from '#api/generated/core/v1.ts';
import { runHook } from '../containers/lifecycle-hooks.ts';
import type { RuntimeContainer } from '../runtime/container-runtime.ts';
import type { PodEvents } from '../status/event-recorder.ts';
import type { NodeContext } from './node-context.ts';
import { isSidecar, type PodView } from './pod-plan.ts';

export interface KillRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly target: RuntimeContainer;
  readonly host: string | undefined;
  readonly events: PodEvents;
  readonly graceMs: number;
}

/** However long a preStop hook took, a container gets this much after its stop signal, unless it is to die at once. */
const MIN_GRACE_MS = 2000;

/** Runs the preStop hook, then stops the container, both within the grace. Resolves when it has ended. */
export async function killContainer(context: NodeContext, request: KillRequest): Promise<void> {
  const { container, target, events, graceMs, host } = request;
  const { runtime, clock, hostIp } = context;
  events('Normal', 'Killing', `Stopping container ${container.name}`, container.name);
  const startedAt = clock.monotonic();
  const hook = container.lifecycle?.preStop;
  if (hook && graceMs > 0) {
    const result = await runHook(hook, { container, containerId: target.id, host: host ?? hostIp, runtime, clock, timeoutMs: graceMs });
    if (!result.isSuccess) events('Warning', 'FailedPreStopHook', `PreStopHook failed: ${result.output}`, container.name);
  }
  const leftMs = graceMs - (clock.monotonic() - startedAt);
  await runtime.stopContainer(target.id, (graceMs === 0 ? 0 : Math.max(hook ? MIN_GRACE_MS : 0, leftMs)) / 1000);
}

export interface StopRequest {
  readonly pod: Pod;
  readonly view: PodView;
  readonly host: string | undefined;
  readonly events: PodEvents;
  readonly graceMs: number;
}

/** Stops all containers: the main ones together, then the sidecars, the last started first, all within one grace. */
export async function stopContainers(context: NodeContext, request: StopRequest): Promise<void> {
  const { pod, view } = request;
  const deadline = context.clock.monotonic() + request.graceMs;
  const inits = pod.spec.initContainers ?? [];
  const groups = [[...pod.spec.containers, ...inits.filter((c) => !isSidecar(c))], ...inits.filter(isSidecar).toReversed().map((c) => [c])];
  for (const group of groups) {
    const graceMs = request.graceMs === 0 ? 0 : Math.max(MIN_GRACE_MS, deadline - context.clock.monotonic());
    const running = view.containers.filter((c) => c.state === 'running' || c.state === 'unknown');
    await Promise.all(group.flatMap((container) =>
      running.filter((c) => c.name === container.name).map((target) => killContainer(context, { ...request, container, target, graceMs: Math.min(request.graceMs, graceMs) }))));
  }
}
