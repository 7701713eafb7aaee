import type { Node } from '#api/generated/core/v1.ts';
import { amounts, type ResourceAmounts } from '#api/pods.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import type { HostPort, PodInfo } from '../framework/pod-info.ts';
import { addAmounts } from '../framework/resources.ts';

/** The cache's own, changeable side of {@link NodeInfo}. */
export class PlacedNode implements NodeInfo {
  readonly name: string;
  readonly slot: number;
  readonly pods = new Map<string, PodInfo>();
  readonly hostPorts = new Set<HostPort>();
  readonly requested: Record<string, number> = {};
  readonly scored = { cpu: 0, memory: 0 };
  node!: Node;
  labels: Readonly<Record<string, string>> = {};
  taints: NodeInfo['taints'] = [];
  allocatable: ResourceAmounts = {};
  images: ReadonlyMap<string, number> = new Map();

  constructor(node: Node, slot: number) {
    this.name = node.metadata.name ?? '';
    this.slot = slot;
    this.set(node);
  }

  set(node: Node): void {
    this.node = node;
    this.labels = node.metadata.labels ?? {};
    this.taints = node.spec?.taints ?? [];
    this.allocatable = amounts(node.status?.allocatable);
    this.images = new Map((node.status?.images ?? []).flatMap(({ names = [], sizeBytes = 0 }) => names.map((name) => [name, sizeBytes] as const)));
  }

  place(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    this.#count(pod, 1);
    for (const port of pod.hostPorts) this.hostPorts.add(port);
  }

  /** `pod` is the very info that was placed. */
  displace(pod: PodInfo): void {
    this.pods.delete(pod.uid);
    this.#count(pod, -1);
    for (const port of pod.hostPorts) this.hostPorts.delete(port);
  }

  #count({ requests }: PodInfo, sign: 1 | -1): void {
    addAmounts(this.requested, requests.exact, sign);
    this.scored.cpu += sign * requests.scored.cpu;
    this.scored.memory += sign * requests.scored.memory;
  }
}
