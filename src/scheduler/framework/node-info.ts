import type { Node, Taint } from '#api/generated/core/v1.ts';
import type { ResourceAmounts } from '#api/pods.ts';
import type { HostPort, PodInfo } from './pod-info.ts';

/** A node and what is placed on it, assumed pods included. Kept current by the cache: plugins only read it. */
export interface NodeInfo {
  readonly name: string;
  /** Small integer, unique among present nodes: an index into per-node arrays. */
  readonly slot: number;
  readonly node: Node;
  readonly labels: Readonly<Record<string, string>>;
  /** Taints as seen by pods: an unschedulable node is not one of them. */
  readonly taints: readonly Taint[];
  readonly allocatable: ResourceAmounts;
  /** Sum of the requests of all pods; resources that nobody asked for are absent. */
  readonly requested: ResourceAmounts;
  readonly scored: { readonly cpu: number; readonly memory: number };
  readonly pods: ReadonlyMap<string, PodInfo>;
  readonly hostPorts: ReadonlySet<HostPort>;
  /** Image name to its size in bytes. */
  readonly images: ReadonlyMap<string, number>;
}

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
