import type { Taint } from '#api/generated/core/v1.ts';
import { normalize, rejection, scoreEach, type FilterPlugin, type Rejection, type ScorePlugin } from '../../framework/plugin.ts';
import { isHard, tolerates } from '../../framework/tolerations.ts';

/** A node with a hard taint takes only pods that tolerate it. */
export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  events: ['node-add', 'node-taints'],
  preFilter({ pod }) {
    const tolerations = pod.pod.spec?.tolerations ?? [];
    const rejections = new Map<string, Rejection>();
    return {
      type: 'filter',
      filter: (node) => {
        if (node.taints.length === 0) return undefined;
        const taint = node.taints.find((t) => isHard(t) && !tolerations.some((toleration) => tolerates(toleration, t)));
        return taint && shared(rejections, taint);
      },
    };
  },
};

function shared(rejections: Map<string, Rejection>, taint: Taint): Rejection {
  const reason = `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  const known = rejections.get(reason) ?? rejection(reason, false);
  rejections.set(reason, known);
  return known;
}

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
