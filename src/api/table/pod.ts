import { age, NONE, orNone, printer, since } from './format.ts';
import type { ContainerStatus, Pod } from '#api/generated/core/v1.ts';
import type { TableRowCondition } from '#api/generated/meta/v1.ts';
import { isPodTerminal } from '#api/pods.ts';

/** What kubectl shows of a pod at a glance: the most telling of all its containers' states. */
interface Glance {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
}

export const podPrinter = printer<Pod>('Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*', (pod, now) => {
  const { reason, ready, restarts, lastRestart } = glance(pod);
  const total = (pod.spec?.containers ?? []).length + (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').length;
  return [
    pod.metadata.name, `${ready}/${total}`, reason, restarts > 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : `${restarts}`, age(pod, now),
    orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP), orNone(pod.spec?.nodeName), orNone(pod.status?.nominatedNodeName), readinessGates(pod),
  ];
}, { conditions: (pod) => ENDED[pod.status?.phase ?? ''] });

/** By these, clients leave out what is over. */
const ENDED: Readonly<Record<string, readonly TableRowCondition[]>> = {
  Succeeded: [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }],
  Failed: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
};

function glance(pod: Pod): Glance {
  const status = pod.status;
  const gated = condition(pod, 'PodScheduled')?.reason === 'SchedulingGated';
  const reason = gated ? 'SchedulingGated' : status?.reason || status?.phase || '';
  const init = glanceAtInit(pod, reason);
  const isInitialized = condition(pod, 'Initialized')?.status === 'True';
  const result = init.isInitializing && !isInitialized ? init : glanceAtContainers(pod, init);
  return { ...result, reason: deletedReason(pod) ?? result.reason };
}

function deletedReason(pod: Pod): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return isPodTerminal(pod) ? undefined : 'Terminating';
}

const condition = (pod: Pod, type: string): { readonly status: string; readonly reason?: string | undefined } | undefined => pod.status?.conditions?.find((c) => c.type === type);
const lastRestartOf = (status: ContainerStatus): string | undefined => status.lastState?.terminated?.finishedAt;
const later = (a: string | undefined, b: string | undefined): string | undefined => (a === undefined || (b !== undefined && b > a) ? b : a);

function glanceAtInit(pod: Pod, reason: string): Glance & { readonly isInitializing: boolean; readonly sidecarRestarts: number; readonly sidecarLast: string | undefined } {
  const containers = pod.spec?.initContainers ?? [];
  const sidecars = new Set(containers.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  let [ready, restarts, sidecarRestarts] = [0, 0, 0];
  let lastRestart: string | undefined;
  let sidecarLast: string | undefined;
  for (const [i, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(status.name);
    restarts += status.restartCount ?? 0;
    lastRestart = later(lastRestart, lastRestartOf(status));
    if (isSidecar) {
      sidecarRestarts += status.restartCount ?? 0;
      sidecarLast = later(sidecarLast, lastRestartOf(status));
    }
    if (status.state?.terminated?.exitCode === 0) continue;
    if (isSidecar && status.started === true) {
      if (status.ready) ready += 1;
      continue;
    }
    return { reason: initReason(status, i, containers.length), ready, restarts, lastRestart, isInitializing: true, sidecarRestarts, sidecarLast };
  }
  return { reason, ready, restarts, lastRestart, isInitializing: false, sidecarRestarts, sidecarLast };
}

function initReason(status: ContainerStatus, index: number, count: number): string {
  const { terminated, waiting } = status.state ?? {};
  if (terminated !== undefined) return `Init:${terminated.reason || exitText(terminated)}`;
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
  return `Init:${index}/${count}`;
}

const exitText = (terminated: { readonly signal?: number | undefined; readonly exitCode?: number | undefined }): string =>
  terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`;

function glanceAtContainers(pod: Pod, init: ReturnType<typeof glanceAtInit>): Glance {
  let { reason, ready } = init;
  let restarts = init.sidecarRestarts;
  let lastRestart = init.sidecarLast;
  let hasRunning = false;
  // Backwards: the first container's state is the one that shows.
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    restarts += status.restartCount ?? 0;
    lastRestart = later(lastRestart, lastRestartOf(status));
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated !== undefined) reason = terminated.reason || exitText(terminated);
    else if (status.ready && running !== undefined) {
      hasRunning = true;
      ready += 1;
    }
  }
  if (reason === 'Completed' && hasRunning) reason = condition(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
  return { reason, ready, restarts, lastRestart };
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  const met = gates.filter((gate) => condition(pod, gate.conditionType)?.status === 'True').length;
  return gates.length === 0 ? NONE : `${met}/${gates.length}`;
}
