import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

/** Which pods to count over which topology. Queries with one signature must mean the same. */
export interface CountQuery {
  readonly signature: string;
  readonly topologyKey: string;
  counts(pod: PodInfo): boolean;
  /** Nodes that take no part: neither they nor their pods are counted. All take part when absent. */
  isEligible?(node: NodeInfo): boolean;
}

/** One value of the topology key. */
export interface Domain {
  readonly value: string;
  /** Pods that count. */
  readonly pods: number;
  /** Eligible nodes. */
  readonly nodes: number;
}

/** Pods by topology value, kept current pod by pod, so that no decision has to visit all pods. */
export interface TopologyCounts {
  /** The domain of a node; undefined when it lacks the key or takes no part. */
  domainOf(node: NodeInfo): Domain | undefined;
  /** Pods that count, over all domains. */
  readonly total: number;
  /** How many domains there are. */
  readonly size: number;
  /** Pods in the emptiest domain; 0 when there is none. */
  minimum(): number;
}

interface MutableDomain { readonly value: string; pods: number; nodes: number }

export class TopologyCounter implements TopologyCounts {
  readonly query: CountQuery;
  total = 0;
  readonly #domains = new Map<string, MutableDomain>();
  readonly #bySlot: (MutableDomain | undefined)[] = [];
  #minimum: number | undefined;

  constructor(query: CountQuery, nodes: Iterable<NodeInfo>) {
    this.query = query;
    for (const node of nodes) this.addNode(node);
  }

  get size(): number {
    return this.#domains.size;
  }

  domainOf(node: NodeInfo): Domain | undefined {
    return this.#bySlot[node.slot];
  }

  minimum(): number {
    if (this.#minimum === undefined) {
      let least = Infinity;
      for (const { pods } of this.#domains.values()) if (pods < least) least = pods;
      this.#minimum = least === Infinity ? 0 : least;
    }
    return this.#minimum;
  }

  addNode(node: NodeInfo): void {
    const value = node.labels[this.query.topologyKey];
    if (value === undefined || this.query.isEligible?.(node) === false) return;
    const domain = this.#domains.get(value) ?? { value, pods: 0, nodes: 0 };
    this.#domains.set(value, domain);
    domain.nodes += 1;
    this.#bySlot[node.slot] = domain;
    this.#minimum = undefined;
    for (const pod of node.pods.values()) this.addPod(node, pod);
  }

  /** With the pods that are still on it. */
  removeNode(node: NodeInfo): void {
    const domain = this.#bySlot[node.slot];
    if (domain === undefined) return;
    for (const pod of node.pods.values()) this.removePod(node, pod);
    this.#bySlot[node.slot] = undefined;
    domain.nodes -= 1;
    if (domain.nodes === 0) this.#domains.delete(domain.value);
    this.#minimum = undefined;
  }

  addPod(node: NodeInfo, pod: PodInfo): void {
    this.#count(node, pod, 1);
  }

  removePod(node: NodeInfo, pod: PodInfo): void {
    this.#count(node, pod, -1);
  }

  #count(node: NodeInfo, pod: PodInfo, change: 1 | -1): void {
    const domain = this.#bySlot[node.slot];
    if (domain === undefined || !this.query.counts(pod)) return;
    const wasMinimum = domain.pods === this.#minimum;
    domain.pods += change;
    this.total += change;
    // Only leaving the minimum, or going below it, can move it.
    if (wasMinimum || (this.#minimum !== undefined && domain.pods < this.#minimum)) this.#minimum = undefined;
  }
}
