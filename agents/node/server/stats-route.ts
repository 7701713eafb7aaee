import type { ContainerStats } from '../runtime/generated/cri.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../runtime/container-runtime.ts';
import type { AgentServerOptions } from './agent-server-options.ts';

/** The part of the kubelet's /stats/summary that metrics pipelines read: CPU and memory of each container. */
export async function serveStats({ manager, runtime }: AgentServerOptions): Promise<object> {
  const stats = Map.groupBy(await runtime.stats(), (s) => s.attributes?.labels[POD_UID_LABEL] ?? '');
  const pods = manager.pods().map((pod) => ({
    podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    startTime: pod.status?.startTime,
    containers: (stats.get(pod.metadata.uid ?? '') ?? []).map(containerStats),
  }));
  return { pods };
}

function containerStats(s: ContainerStats): object {
  const time = (nanos: bigint): string => new Date(Number(nanos / 1_000_000n)).toISOString();
  return {
    name: s.attributes?.labels[CONTAINER_NAME_LABEL] ?? '',
    ...(s.cpu ? { cpu: { time: time(s.cpu.timestamp), usageCoreNanoSeconds: Number(s.cpu.usageCoreNanoSeconds?.value ?? 0n) } } : {}),
    ...(s.memory ? { memory: { time: time(s.memory.timestamp), workingSetBytes: Number(s.memory.workingSetBytes?.value ?? 0n) } } : {}),
  };
}
