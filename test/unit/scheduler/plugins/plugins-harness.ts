import type { Node } from '#api/generated/core/v1.ts';
import type { ClusterCache } from '#scheduler/cache/cluster-cache.ts';
import type { FilterPlugin, ScorePlugin } from '#scheduler/framework/plugin.ts';
import type { PodInfo } from '#scheduler/framework/pod-info.ts';
import { buildCluster, type ClusterOptions } from '../builders.ts';

/** The plugin's objection to each node by name; null for none. */
export function verdicts(plugin: FilterPlugin, pod: PodInfo, cluster: ClusterCache): Readonly<Record<string, string | null>> {
  const result = plugin.preFilter({ pod, snapshot: cluster });
  return Object.fromEntries(
    cluster.nodes.map((node) => [node.name, result.type === 'skip' ? null : result.type === 'reject' ? result.message : (result.filter(node)?.reasons.join(', ') ?? null)]),
  );
}

export function scores(plugin: ScorePlugin, pod: PodInfo, cluster: ClusterCache): Readonly<Record<string, number>> | undefined {
  const result = plugin.score({ pod, snapshot: cluster }, cluster.nodes);
  return result && Object.fromEntries(cluster.nodes.map((node, index) => [node.name, result[index] as number]));
}

/** A cluster with pods already on its nodes. */
export function clusterWith(nodes: readonly Node[], placed: Readonly<Record<string, readonly PodInfo[]>>, options?: ClusterOptions): ClusterCache {
  const cluster = buildCluster(nodes, options);
  for (const [nodeName, pods] of Object.entries(placed)) for (const pod of pods) cluster.place(pod, nodeName);
  return cluster;
}
