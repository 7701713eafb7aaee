import type { NodeInfo } from '../../framework/node-info.ts';
import { MAX_SCORE, scoreEach, type ScorePlugin } from '../../framework/plugin.ts';

const usedShare = (node: NodeInfo, name: string, amount: number): number => {
  const allocatable = node.allocatable[name] ?? 0;
  return allocatable === 0 ? 1 : Math.min(1, ((node.requested[name] ?? 0) + amount) / allocatable);
};

/** The closer together the used shares of CPU and memory, the better: neither is stranded. */
export const balancedAllocation: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  score({ pod }, nodes) {
    const cpu = pod.requests.exact['cpu'] ?? 0;
    const memory = pod.requests.exact['memory'] ?? 0;
    if (cpu === 0 && memory === 0) return undefined;
    // The standard deviation of two numbers is half their distance.
    return scoreEach(nodes, (node) => Math.floor((1 - Math.abs(usedShare(node, 'cpu', cpu) - usedShare(node, 'memory', memory)) / 2) * MAX_SCORE));
  },
};
