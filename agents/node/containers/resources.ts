import type { Container, Pod } from '#api/generated/core/v1.ts';
import { milli, parseQuantity, units } from '#api/quantity.ts';

/** Kernel values of a container's resources, as CRI takes them. */
export interface LinuxResources {
  readonly cpuPeriod: bigint;
  /** 0: no limit. */
  readonly cpuQuota: bigint;
  readonly cpuShares: bigint;
  /** Bytes; 0: no limit. */
  readonly memoryLimitInBytes: bigint;
  readonly oomScoreAdj: bigint;
}

/** 100 ms: the kernel's default scheduling period, which every Kubernetes node uses. */
const CPU_PERIOD_US = 100_000;
/** The kernel refuses quotas below 1 ms. */
const MIN_QUOTA_US = 1000;
const MIN_SHARES = 2;
const MAX_SHARES = 262_144;

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';
/** cgroup below the root of this installation: each QoS class has its own, but for Guaranteed pods as everywhere. */
export const qosFolder: Readonly<Record<QosClass, string>> = { Guaranteed: 'guaranteed', Burstable: 'burstable', BestEffort: 'besteffort' };

export function cpuShares(requestMilli: number): number {
  return requestMilli === 0 ? MIN_SHARES : Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((requestMilli * 1024) / 1000)));
}

export function linuxResources(pod: Pod, container: Container, node: { readonly memoryBytes: number; readonly minOomScoreAdj: number }): LinuxResources {
  const { limits, requests } = container.resources ?? {};
  const cpuLimit = limits?.['cpu'];
  const cpuRequest = requests?.['cpu'] ?? cpuLimit;
  const memoryLimit = limits?.['memory'];
  const quota = cpuLimit === undefined ? 0 : Math.max(MIN_QUOTA_US, Math.floor((milli(parseQuantity(cpuLimit)) * CPU_PERIOD_US) / 1000));
  return {
    cpuPeriod: BigInt(CPU_PERIOD_US),
    cpuQuota: BigInt(quota),
    cpuShares: BigInt(cpuShares(cpuRequest === undefined ? 0 : milli(parseQuantity(cpuRequest)))),
    memoryLimitInBytes: BigInt(memoryLimit === undefined ? 0 : units(parseQuantity(memoryLimit))),
    oomScoreAdj: BigInt(Math.max(node.minOomScoreAdj, oomScore(pod, container, node.memoryBytes))),
  };
}

/** Who dies first when memory runs out: best effort, then those that use more than they asked for. As the kubelet scores. */
export function oomScore(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  const qos = qosOf(pod);
  if (qos === 'Guaranteed' || (pod.spec.priority ?? 0) >= 2_000_000_000) return -997;
  if (qos === 'BestEffort') return 1000;
  const request = container.resources?.requests?.['memory'] ?? container.resources?.limits?.['memory'] ?? 0;
  const score = 1000 - Math.floor((1000 * units(parseQuantity(request))) / nodeMemoryBytes);
  return Math.min(999, Math.max(3, score));
}

export function qosOf(pod: Pod): QosClass {
  if (pod.status?.qosClass) return pod.status.qosClass;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const isSet = (c: Container, kind: 'limits' | 'requests', name: string): boolean => c.resources?.[kind]?.[name] !== undefined;
  if (!containers.some((c) => ['cpu', 'memory'].some((n) => isSet(c, 'limits', n) || isSet(c, 'requests', n)))) return 'BestEffort';
  const equal = (c: Container, name: string): boolean => {
    const limit = c.resources?.limits?.[name];
    return limit !== undefined && parseQuantity(c.resources?.requests?.[name] ?? limit).nanos === parseQuantity(limit).nanos;
  };
  return containers.every((c) => equal(c, 'cpu') && equal(c, 'memory')) ? 'Guaranteed' : 'Burstable';
}
