import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { ClusterSnapshot } from './snapshot.ts';

export type PluginName =
  | 'NodeUnschedulable' | 'NodeName' | 'TaintToleration' | 'NodeAffinity' | 'NodePorts' | 'NodeResourcesFit'
  | 'NodeResourcesBalancedAllocation' | 'PodTopologySpread' | 'InterPodAffinity' | 'ImageLocality' | 'DefaultPreemption';

/** Changes in the cluster that may let a rejected pod in. */
export type ClusterEvent =
  | 'node-add' | 'node-allocatable' | 'node-labels' | 'node-taints'
  | 'pod-add' | 'pod-labels' | 'pod-resources' | 'pod-delete' | 'namespace-labels';

/** One pod to be placed, and the cluster at that moment. */
export interface SchedulingCycle {
  readonly pod: PodInfo;
  readonly snapshot: ClusterSnapshot;
}

/** Why a pod cannot go to a node. */
export interface Rejection {
  /** In Kubernetes' words; counted over nodes in the message that people read. */
  readonly reasons: readonly string[];
  /** Whether removing pods from the node could help: preemption looks at no other nodes. */
  readonly isResolvable: boolean;
}

/** Called once a node, so it should be cheap and return shared rejections. */
export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

export type PreFilterResult =
  /** The plugin has nothing to say about this pod. */
  | { readonly type: 'skip' }
  /** No node can fit, whichever it is. */
  | { readonly type: 'reject'; readonly message: string }
  /** `nodeNames`: no other node can fit, so no other is looked at. */
  | { readonly type: 'filter'; readonly filter: NodeFilter; readonly nodeNames?: ReadonlySet<string> };

/** Says which nodes a pod may go to. Pure: reads the cycle, changes nothing. */
export interface FilterPlugin {
  readonly name: PluginName;
  /** A pod that this plugin rejected is tried again after any of these. */
  readonly events: readonly ClusterEvent[];
  preFilter(cycle: SchedulingCycle): PreFilterResult;
}

/** Says which of the possible nodes are better. Pure. */
export interface ScorePlugin {
  readonly name: PluginName;
  /** One score a node, in the order given, from 0 to {@link MAX_SCORE}; undefined when all are alike to it. */
  score(cycle: SchedulingCycle, nodes: readonly NodeInfo[]): Float64Array | undefined;
}

export const MAX_SCORE = 100;

export interface WeightedScore {
  readonly plugin: ScorePlugin;
  readonly weight: number;
}

/** Which plugins decide. */
export interface Profile {
  /** Cheap and selective ones first: the first rejection of a node ends its check. */
  readonly filters: readonly FilterPlugin[];
  readonly scores: readonly WeightedScore[];
}

export const SKIP: PreFilterResult = { type: 'skip' };
export const rejection = (reason: string, isResolvable: boolean): Rejection => ({ reasons: [reason], isResolvable });

/** One score a node. A plain loop: `Float64Array.from` is several times slower, and this runs hundreds of times a pod. */
export function scoreEach(nodes: readonly NodeInfo[], score: (node: NodeInfo) => number): Float64Array {
  const scores = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i += 1) scores[i] = score(nodes[i] as NodeInfo);
  return scores;
}

/** Scales to 0..{@link MAX_SCORE} by the largest; `reverse` makes the smallest the best. Undefined when all are zero. */
export function normalize(scores: Float64Array, reverse = false): Float64Array | undefined {
  let largest = 0;
  for (const score of scores) if (score > largest) largest = score;
  if (largest === 0) return undefined;
  return scores.map((score) => (reverse ? MAX_SCORE - Math.floor((score * MAX_SCORE) / largest) : Math.floor((score * MAX_SCORE) / largest)));
}
