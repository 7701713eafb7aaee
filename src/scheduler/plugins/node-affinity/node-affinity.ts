import { nodeTermPredicate, requiredNodeNames, requiredNodePredicate } from '../../framework/node-selector.ts';
import { normalize, rejection, scoreEach, SKIP, type FilterPlugin, type ScorePlugin } from '../../framework/plugin.ts';

const MISMATCH = rejection("node(s) didn't match Pod's node affinity/selector", false);

/** `nodeSelector` and required node affinity. */
export const nodeAffinity: FilterPlugin = {
  name: 'NodeAffinity',
  events: ['node-add', 'node-labels'],
  preFilter({ pod }) {
    const matches = requiredNodePredicate(pod.pod);
    if (matches === undefined) return SKIP;
    const nodeNames = requiredNodeNames(pod.pod);
    if (nodeNames?.size === 0) return { type: 'reject', message: 'pod affinity terms conflict' };
    return { type: 'filter', filter: (node) => (matches(node) ? undefined : MISMATCH), ...(nodeNames ? { nodeNames } : {}) };
  },
};

/** The weights of the preferred terms that a node matches. */
export const nodeAffinityScore: ScorePlugin = {
  name: 'NodeAffinity',
  score({ pod }, nodes) {
    const preferred = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    if (preferred.length === 0) return undefined;
    const terms = preferred.map(({ weight, preference }) => ({ weight, matches: nodeTermPredicate(preference) }));
    const score = scoreEach(nodes, (node) => terms.reduce((sum, { weight, matches }) => sum + (matches(node) ? weight : 0), 0));
    return normalize(score);
  },
};
