import type { NodeInfo } from '../../framework/node-info.ts';
import { type FilterPlugin, type Rejection } from '../../framework/plugin.ts';

/** What is free on the node covers what the pod asks for, and one more pod is allowed. */
export const nodeResourcesFit: FilterPlugin = {
  name: 'NodeResourcesFit',
  events: ['node-add', 'node-allocatable', 'pod-delete', 'pod-resources'],
  preFilter({ pod }) {
    const wanted = Object.entries(pod.requests.exact).filter(([, amount]) => amount > 0);
    const rejections = new Map<string, Rejection>();
    return {
      type: 'filter',
      filter: (node) => {
        let fits = node.pods.size < (node.allocatable['pods'] ?? 0);
        for (const [name, amount] of wanted) if (amount > free(node, name)) fits = false;
        return fits ? undefined : explain(node, wanted, rejections);
      },
    };
  },
};

const free = (node: NodeInfo, name: string): number => (node.allocatable[name] ?? 0) - (node.requested[name] ?? 0);

function explain(node: NodeInfo, wanted: readonly (readonly [string, number])[], rejections: Map<string, Rejection>): Rejection {
  const lacking = wanted.filter(([name, amount]) => amount > free(node, name));
  const reasons = lacking.map(([name]) => `Insufficient ${name}`);
  const isFull = node.pods.size >= (node.allocatable['pods'] ?? 0);
  if (isFull) reasons.unshift('Too many pods');
  // More than the whole node has: no eviction makes room.
  const isResolvable = lacking.every(([name, amount]) => amount <= (node.allocatable[name] ?? 0));
  const id = `${isResolvable} ${reasons.join()}`;
  const known = rejections.get(id) ?? { reasons, isResolvable };
  rejections.set(id, known);
  return known;
}
