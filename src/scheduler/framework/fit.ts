import type { NodeInfo } from './node-info.ts';
import type { FilterPlugin, NodeFilter, PluginName, Rejection, SchedulingCycle } from './plugin.ts';

/** The filters that have something to say about one pod. */
export interface PreparedFilters {
  readonly checks: readonly { readonly plugin: PluginName; readonly filter: NodeFilter }[];
  /** The only nodes that can fit, and the plugin that says so; absent when any may. */
  readonly only?: { readonly names: ReadonlySet<string>; readonly plugin: PluginName };
  /** Why no node can fit, without a look at any. */
  readonly refused?: { readonly message: string; readonly plugin: PluginName };
}

export interface NodeRejection {
  readonly node: NodeInfo;
  readonly plugin: PluginName;
  readonly rejection: Rejection;
}

export function prepareFilters(plugins: readonly FilterPlugin[], cycle: SchedulingCycle): PreparedFilters {
  const checks: { plugin: PluginName; filter: NodeFilter }[] = [];
  let only: PreparedFilters['only'];
  for (const plugin of plugins) {
    const result = plugin.preFilter(cycle);
    if (result.type === 'skip') continue;
    if (result.type === 'reject') return { checks: [], refused: { message: result.message, plugin: plugin.name } };
    checks.push({ plugin: plugin.name, filter: result.filter });
    // Only node affinity names nodes; were there another, each node is checked by both filters anyhow.
    if (result.nodeNames) only = { names: result.nodeNames, plugin: plugin.name };
  }
  return only ? { checks, only } : { checks };
}

/** The first objection to the node; undefined when the pod fits. */
export function firstRejection({ checks }: PreparedFilters, node: NodeInfo): NodeRejection | undefined {
  for (const { plugin, filter } of checks) {
    const rejection = filter(node);
    if (rejection) return { node, plugin, rejection };
  }
  return undefined;
}
