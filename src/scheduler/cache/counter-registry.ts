import type { NodeInfo } from '../framework/node-info.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { TopologyCounter, type CountQuery, type TopologyCounts } from '../framework/topology-counter.ts';

/** Counters cost a little with every pod that is placed, so only the most recently asked are kept. */
const MAX_COUNTERS = 512;

/** The topology counters in use, least recently asked first. */
export class CounterRegistry {
  readonly #counters = new Map<string, TopologyCounter>();

  count(query: CountQuery, nodes: Iterable<NodeInfo>): TopologyCounts {
    const id = query.signature;
    const counter = this.#counters.get(id) ?? new TopologyCounter(query, nodes);
    this.#counters.delete(id);
    this.#counters.set(id, counter);
    if (this.#counters.size > MAX_COUNTERS) this.#counters.delete(this.#counters.keys().next().value as string);
    return counter;
  }

  addNode(node: NodeInfo): void {
    for (const counter of this.#counters.values()) counter.addNode(node);
  }

  removeNode(node: NodeInfo): void {
    for (const counter of this.#counters.values()) counter.removeNode(node);
  }

  addPod(node: NodeInfo, pod: PodInfo): void {
    for (const counter of this.#counters.values()) counter.addPod(node, pod);
  }

  removePod(node: NodeInfo, pod: PodInfo): void {
    for (const counter of this.#counters.values()) counter.removePod(node, pod);
  }

  /** When what queries depend on besides pods and nodes has changed. */
  clear(): void {
    this.#counters.clear();
  }
}
