import type { Node, NodeCondition, Taint } from '#api/generated/core/v1.ts';

/** Kubernetes' default: how long a node may be silent. An agent renews its lease every 10 s. */
export const GRACE_MS = 40_000;

/** The conditions that an agent keeps, and that nobody knows when it is silent. */
const HEARTBEAT_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
/** Condition type to the taint that follows while it is True. */
const PRESSURE_TAINTS: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const MANAGED = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURE_TAINTS)]);

/** Undefined for a node that has never reported. */
export const readyStatus = (node: Node): string | undefined => node.status?.conditions?.find((c) => c.type === 'Ready')?.status;

/** The conditions of a node that fell silent; the same array when they say so already. */
export function silentConditions(node: Node, now: string): readonly NodeCondition[] {
  const present = node.status?.conditions ?? [];
  const changed = HEARTBEAT_CONDITIONS.filter((type) => present.find((c) => c.type === type)?.status !== 'Unknown');
  if (changed.length === 0) return present;
  const unknown = (type: string): NodeCondition => {
    const old = present.find((c) => c.type === type);
    const why = old ? { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' } : { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
    return { ...old, type, status: 'Unknown', ...why, lastTransitionTime: now, lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata.creationTimestamp };
  };
  const kept = present.filter((c) => !changed.includes(c.type as 'Ready'));
  return [...kept, ...changed.map(unknown)];
}

/** The taints that the node's conditions call for, beside those of others; the same array when nothing changes. */
export function wantedTaints(node: Node, now: string): readonly Taint[] {
  const present = node.spec?.taints ?? [];
  const wanted = conditionTaints(node);
  const isWanted = (t: Taint): boolean => !MANAGED.has(t.key) || wanted.some((w) => isSame(w, t));
  const missing = wanted.filter((w) => !present.some((t) => isSame(w, t)));
  if (missing.length === 0 && present.every(isWanted)) return present;
  return [...present.filter(isWanted), ...missing.map((t) => (t.effect === 'NoExecute' ? { ...t, timeAdded: now } : t))];
}

const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

function conditionTaints(node: Node): readonly Taint[] {
  const taints: Taint[] = [];
  const ready = readyStatus(node);
  if (ready === undefined) taints.push({ key: NOT_READY, effect: 'NoSchedule' });
  else if (ready !== 'True') {
    const key = ready === 'False' ? NOT_READY : UNREACHABLE;
    taints.push({ key, effect: 'NoSchedule' }, { key, effect: 'NoExecute' });
  }
  for (const { type, status } of node.status?.conditions ?? []) {
    const key = PRESSURE_TAINTS[type];
    if (key && status === 'True') taints.push({ key, effect: 'NoSchedule' });
  }
  if (node.spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}
