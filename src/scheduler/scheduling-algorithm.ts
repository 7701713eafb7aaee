import type { Diagnosis } from './framework/diagnosis.ts';
import { firstRejection, prepareFilters, type NodeRejection, type PreparedFilters } from './framework/fit.ts';
import type { NodeInfo } from './framework/node-info.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { Profile, SchedulingCycle } from './framework/plugin.ts';

/** A place for a pod, or why there is none. */
export type Decision =
  | { readonly type: 'place'; readonly nodeName: string }
  | { readonly type: 'reject'; readonly diagnosis: Diagnosis };

/** Pods that wait for victims to go from a node, by the node's name. */
export type Nominated = (nodeName: string) => readonly PodInfo[];

export interface AlgorithmOptions {
  readonly profile: Profile;
  /** From 0 up to, but not including, 1: chooses among equally good nodes. */
  readonly random: () => number;
  readonly nominated: Nominated;
}

const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

/** How many possible nodes are enough to score: all up to 100, then 50 % falling to 5 % as clusters grow, as Kubernetes has it. */
export function enoughNodes(total: number): number {
  if (total <= MIN_FEASIBLE_NODES) return total;
  const percentage = Math.max(MIN_PERCENTAGE, 50 - Math.floor(total / 125));
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((total * percentage) / 100));
}

/** Decides pod after pod. The same pods, snapshots and random numbers give the same decisions. */
export class SchedulingAlgorithm {
  readonly #options: AlgorithmOptions;
  /** Where the next search starts, so that all nodes are looked at equally often. */
  #start = 0;

  constructor(options: AlgorithmOptions) {
    this.#options = options;
  }

  decide(cycle: SchedulingCycle): Decision {
    const filters = prepareFilters(this.#options.profile.filters, cycle);
    if (filters.refused && cycle.snapshot.nodes.length > 0) return { type: 'reject', diagnosis: { totalNodes: cycle.snapshot.nodes.length, rejections: [], refused: filters.refused } };
    const { feasible, rejections, considered } = this.#search(cycle, filters);
    if (feasible.length > 0) return { type: 'place', nodeName: this.#best(cycle, feasible).name };
    const totalNodes = cycle.snapshot.nodes.length;
    const excluded = filters.only && { count: totalNodes - considered, plugin: filters.only.plugin };
    return { type: 'reject', diagnosis: { totalNodes, rejections, ...(excluded ? { excluded } : {}) } };
  }

  #search(cycle: SchedulingCycle, filters: PreparedFilters) {
    const nominated = cycle.pod.pod.status?.nominatedNodeName;
    const preferred = nominated === undefined ? undefined : cycle.snapshot.node(nominated);
    // Room was made there for this very pod.
    if (preferred && this.#rejection(cycle, filters, preferred) === undefined) return { feasible: [preferred], rejections: [], considered: 1 };
    const names = filters.only?.names;
    const nodes = names ? [...names].flatMap((name) => cycle.snapshot.node(name) ?? []) : cycle.snapshot.nodes;
    return this.#sample(cycle, filters, nodes);
  }

  #sample(cycle: SchedulingCycle, filters: PreparedFilters, nodes: readonly NodeInfo[]) {
    const enough = enoughNodes(nodes.length);
    const feasible: NodeInfo[] = [];
    const rejections: NodeRejection[] = [];
    let looked = 0;
    for (; looked < nodes.length && feasible.length < enough; looked += 1) {
      const node = nodes[(this.#start + looked) % nodes.length] as NodeInfo;
      const rejected = this.#rejection(cycle, filters, node);
      if (rejected) rejections.push(rejected);
      else feasible.push(node);
    }
    if (nodes.length > 0) this.#start = (this.#start + looked) % nodes.length;
    return { feasible, rejections, considered: nodes.length };
  }

  /** Pods that were promised the node and are no less important count as there; the pod must fit without them too, as it may need none. */
  #rejection(cycle: SchedulingCycle, filters: PreparedFilters, node: NodeInfo): NodeRejection | undefined {
    const rejected = firstRejection(filters, node);
    if (rejected) return rejected;
    const { pod, snapshot } = cycle;
    const present = this.#options.nominated(node.name).filter((other) => other.priority >= pod.priority && other.uid !== pod.uid);
    if (present.length === 0) return undefined;
    return snapshot.supposing(node, { present }, () => firstRejection(prepareFilters(this.#options.profile.filters, cycle), node));
  }

  #best(cycle: SchedulingCycle, nodes: readonly NodeInfo[]): NodeInfo {
    if (nodes.length === 1) return nodes[0] as NodeInfo;
    const totals = new Float64Array(nodes.length);
    for (const { plugin, weight } of this.#options.profile.scores) {
      const scores = plugin.score(cycle, nodes);
      if (scores) for (let i = 0; i < totals.length; i += 1) totals[i] = (totals[i] as number) + weight * (scores[i] as number);
    }
    return nodes[this.#pickMaximum(totals)] as NodeInfo;
  }

  /** Each of the best has the same chance, at one random number for all of them. */
  #pickMaximum(totals: Float64Array): number {
    let best = -Infinity;
    let ties: number[] = [];
    for (const [index, total] of totals.entries()) {
      if (total > best) {
        best = total;
        ties = [index];
      } else if (total === best) ties.push(index);
    }
    return ties[Math.floor(this.#options.random() * ties.length)] as number;
  }
}
