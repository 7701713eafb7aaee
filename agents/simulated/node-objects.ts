import type { Node, NodeCondition } from '#api/generated/core/v1.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import { SIMULATED_LABEL } from '#api/headway/v1/types.ts';
import { formatMicroTime, formatTime } from '#base/clock.ts';

export const LEASE_NAMESPACE = 'kube-node-lease';
/** How long a node counts as alive after a renewal: the kubelet's. */
const LEASE_DURATION_S = 40;
const ZONES = 3;
/** What each of them has. */
export const RESOURCES = { cpu: '32', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' } as const;

/** A node of 32 cores and 64 GiB; every third one is in the same zone. */
export function simulatedNode(name: string, index: number, nowMs: number): Node {
  return {
    apiVersion: 'v1', kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': `zone-${index % ZONES}`, [SIMULATED_LABEL]: 'true',
      },
    },
    spec: {},
    status: {
      capacity: RESOURCES, allocatable: RESOURCES, conditions: conditions(nowMs),
      addresses: [{ type: 'InternalIP', address: nodeAddress(index) }, { type: 'Hostname', address: name }],
      nodeInfo: {
        machineID: name, systemUUID: name, bootID: name, kernelVersion: 'simulated', osImage: 'simulated', containerRuntimeVersion: 'simulated://1',
        kubeletVersion: 'v1.36.0', kubeProxyVersion: '', operatingSystem: 'linux', architecture: 'amd64',
      },
    },
  };
}

/** 10.208.0.0/13: beside the addresses of simulated pods. */
export const nodeAddress = (index: number): string => `10.${208 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

export function nodeLease(name: string, nowMs: number): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: LEASE_NAMESPACE },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_DURATION_S, renewTime: formatMicroTime(nowMs) },
  };
}

function conditions(nowMs: number): readonly NodeCondition[] {
  const at = formatTime(nowMs);
  const times = { lastHeartbeatTime: at, lastTransitionTime: at };
  return [
    { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'a simulated node has no pressure', ...times },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'a simulated node has no pressure', ...times },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'a simulated node has no pressure', ...times },
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'the simulated node is ready', ...times },
  ];
}
