import { MAX_SCORE, scoreEach, type ScorePlugin } from '../../framework/plugin.ts';

const freeShare = (allocatable: number, requested: number): number =>
  allocatable === 0 || requested > allocatable ? 0 : Math.floor(((allocatable - requested) * MAX_SCORE) / allocatable);

/** The emptier a node would be with the pod, the better: CPU and memory alike. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  score({ pod }, nodes) {
    const { cpu, memory } = pod.requests.scored;
    return scoreEach(nodes, ({ allocatable, scored }) =>
      Math.floor((freeShare(allocatable['cpu'] ?? 0, scored.cpu + cpu) + freeShare(allocatable['memory'] ?? 0, scored.memory + memory)) / 2),
    );
  },
};
