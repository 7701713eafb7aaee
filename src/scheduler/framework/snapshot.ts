import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { TermGroup } from './term-index.ts';
import type { CountQuery, TopologyCounts } from './topology-counter.ts';

/** A PodDisruptionBudget. */
export interface Budget {
  /** Namespace and name. */
  readonly key: string;
  /** Disruptions that it still allows now. */
  readonly allowed: number;
}

/** Pods taken as gone from, or as placed on, a node. */
export interface Supposition {
  readonly absent?: readonly PodInfo[];
  readonly present?: readonly PodInfo[];
}

/** The cluster as one decision sees it: it does not change while a pod is being decided. */
export interface ClusterSnapshot {
  /** All nodes, zones interleaved, so that a sample of neighbours in the list covers all zones. */
  readonly nodes: readonly NodeInfo[];
  node(name: string): NodeInfo | undefined;
  /** Pods by topology; kept for later decisions with the same query. */
  count(query: CountQuery): TopologyCounts;
  /** Affinity terms of the pods that are placed. */
  termGroups(): Iterable<TermGroup>;
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  /** On how many nodes an image is present. */
  nodesWithImage(image: string): number;
  /** Selects the pods of the same services and controller; undefined when the pod belongs to none. */
  workloadSelector(pod: PodInfo): LabelSelector | undefined;
  /** The disruption budgets that cover the pod. */
  budgets(pod: PodInfo): readonly Budget[];
  /** Runs `task` as if pods were gone from or placed on the node; all is as before afterwards. */
  supposing<R>(node: NodeInfo, change: Supposition, task: () => R): R;
}
