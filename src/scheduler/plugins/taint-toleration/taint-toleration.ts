import type { Taint } from '#api/generated/core/v1.ts';
import { normalize, rejection, scoreEach, type FilterPlugin, type ScorePlugin } from '../../framework/plugin.ts';
import { isHard, tolerates } from '../../framework/tolerations.ts';

/** Which taint it is may be nobody's business who may only read the pod. */
const UNTOLERATED = rejection('node(s) had untolerated taint(s)', false);

/** A node with a hard taint takes only pods that tolerate it. */
export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  events: ['node-add', 'node-taints'],
  preFilter({ pod }) {
    const tolerations = pod.pod.spec?.tolerations ?? [];
    return {
      type: 'filter',
      filter: ({ taints }) => (taints.some((t) => isHard(t) && !tolerations.some((toleration) => tolerates(toleration, t))) ? UNTOLERATED : undefined),
    };
  },
};

/** Fewer taints that say `PreferNoSchedule` and are not tolerated are better. */
export const taintTolerationScore: ScorePlugin = {
  name: 'TaintToleration',
  score({ pod }, nodes) {
    if (nodes.every(({ taints }) => taints.length === 0)) return undefined;
    const tolerations = pod.pod.spec?.tolerations ?? [];
    const unwelcome = (taint: Taint): boolean => taint.effect === 'PreferNoSchedule' && !tolerations.some((t) => tolerates(t, taint));
    const counts = scoreEach(nodes, ({ taints }) => (taints.length === 0 ? 0 : taints.filter(unwelcome).length));
    return normalize(counts, true);
  },
};
