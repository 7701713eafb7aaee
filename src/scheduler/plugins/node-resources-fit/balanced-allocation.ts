import type { NodeInfo } from '../../framework/node-info.ts';
import { MAX_SCORE, scoreEach, type ScorePlugin } from '../../framework/plugin.ts';

/** Undefined for what the node does not have at all: it says nothing of balance. */
function usedShare(node: NodeInfo, name: string, amount: number): number | undefined {
  const allocatable = node.allocatable[name] ?? 0;
  return allocatable === 0 ? undefined : Math.min(1, ((node.requested[name] ?? 0) + amount) / allocatable);
}

/** The standard deviation of two numbers is half their distance. */
const deviation = (a: number | undefined, b: number | undefined): number => (a === undefined || b === undefined ? 0 : Math.abs((a - b) / 2));

/** The closer together the used shares of CPU and memory, the better: neither is stranded. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  score({ pod }, nodes) {
    const cpu = pod.requests.exact['cpu'] ?? 0;
    const memory = pod.requests.exact['memory'] ?? 0;
    if (cpu === 0 && memory === 0) return undefined;
    return scoreEach(nodes, (node) => Math.floor((1 - deviation(usedShare(node, 'cpu', cpu), usedShare(node, 'memory', memory))) * MAX_SCORE));
  },
};
