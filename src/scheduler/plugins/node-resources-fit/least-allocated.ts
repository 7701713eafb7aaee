import { MAX_SCORE, scoreEach, type ScorePlugin } from '../../framework/plugin.ts';

const freeShare = (allocatable: number, requested: number): number =>
  requested > allocatable ? 0 : Math.floor(((allocatable - requested) * MAX_SCORE) / allocatable);

/** The emptier a node would be with the pod, the better: CPU and memory alike. */
export const leastAllocated: ScorePlugin = {
  name: 'NodeResourcesFit',
  score({ pod }, nodes) {
    const { cpu, memory } = pod.requests.scored;
    return scoreEach(nodes, ({ allocatable, scored }) => {
      const cores = allocatable['cpu'] ?? 0;
      const bytes = allocatable['memory'] ?? 0;
      // What a node does not have at all does not count.
      const parts = Number(cores > 0) + Number(bytes > 0);
      const sum = (cores > 0 ? freeShare(cores, scored.cpu + cpu) : 0) + (bytes > 0 ? freeShare(bytes, scored.memory + memory) : 0);
      return parts === 0 ? 0 : Math.floor(sum / parts);
    });
  },
};
