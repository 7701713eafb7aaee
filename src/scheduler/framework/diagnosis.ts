import type { NodeRejection } from './fit.ts';
import type { PluginName } from './plugin.ts';

/** Why a pod has no node. */
export interface Diagnosis {
  readonly totalNodes: number;
  readonly rejections: readonly NodeRejection[];
  /** Nodes that were not looked at because a plugin named the only possible ones. */
  readonly excluded?: { readonly count: number; readonly plugin: PluginName };
  /** Why no node was looked at. */
  readonly refused?: { readonly message: string; readonly plugin: PluginName };
}

export const rejectingPlugins = ({ rejections, excluded, refused }: Diagnosis): ReadonlySet<PluginName> =>
  new Set([...rejections.map(({ plugin }) => plugin), ...(excluded ? [excluded.plugin] : []), ...(refused ? [refused.plugin] : [])]);

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. no new claims to deallocate, preemption: ...`:
 * kube-scheduler's words, which people and tools know; it says so of claims also where a pod has none. `preemption` says why no eviction helped.
 */
export function describe(diagnosis: Diagnosis, preemption?: string): string {
  if (diagnosis.totalNodes === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  const count = (reason: string, nodes = 1): void => void counts.set(reason, (counts.get(reason) ?? 0) + nodes);
  for (const { rejection } of diagnosis.rejections) for (const reason of rejection.reasons) count(reason);
  const { excluded } = diagnosis;
  if (excluded && excluded.count > 0) count(`node(s) didn't satisfy plugin(s) [${excluded.plugin}]`, excluded.count);
  const { refused } = diagnosis;
  const after = preemption === undefined ? '' : ` no new claims to deallocate, preemption: ${preemption}`;
  return `${refused ? `0/${diagnosis.totalNodes} nodes are available: ${refused.message}.` : summary(diagnosis.totalNodes, counts)}${after}`;
}

/** `0/3 nodes are available: <count> <reason>, ...` in the order of the text. */
export function summary(totalNodes: number, counts: ReadonlyMap<string, number>): string {
  const reasons = [...counts].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
  return `0/${totalNodes} nodes are available: ${reasons.join(', ')}.`;
}
