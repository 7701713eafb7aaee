import type { NodeInfo } from '../../framework/node-info.ts';
import { MAX_SCORE, scoreEach, type SchedulingCycle, type ScorePlugin } from '../../framework/plugin.ts';
import type { TermGroup } from '../../framework/term-index.ts';
import { countTerm } from './inter-pod-affinity.ts';

/** What a required affinity of a placed pod is worth to a pod that it selects, against preferred weights of 1 to 100. */
const HARD_AFFINITY_WEIGHT = 1;

type NodeScore = (node: NodeInfo) => number;

/** Preferences of the pod for others, and of the others for the pod, as one sum. */
export const interPodAffinityScore: ScorePlugin = {
  name: 'InterPodAffinity',
  score(cycle, nodes) {
    const parts = [...ownPreferences(cycle), ...preferencesOfOthers(cycle)];
    if (parts.length === 0) return undefined;
    return stretched(scoreEach(nodes, (node) => parts.reduce((sum, part) => sum + part(node), 0)));
  },
};

function* ownPreferences(cycle: SchedulingCycle): Iterable<NodeScore> {
  const { affinity, antiAffinity } = cycle.pod;
  for (const [terms, sign] of [[affinity.preferred, 1], [antiAffinity.preferred, -1]] as const) {
    for (const term of terms) {
      const counts = countTerm(cycle, term);
      if (counts.total > 0) yield (node) => sign * term.weight * (counts.domainOf(node)?.pods ?? 0);
    }
  }
}

function* preferencesOfOthers({ pod, snapshot }: SchedulingCycle): Iterable<NodeScore> {
  for (const group of snapshot.termGroups()) {
    const weight = weightOf(group);
    if (weight === 0 || !group.term.matches(pod, snapshot.namespaceLabels)) continue;
    yield (node) => weight * (group.byValue.get(node.labels[group.term.topologyKey] ?? '') ?? 0);
  }
}

function weightOf({ kind, term }: TermGroup): number {
  switch (kind) {
    case 'required-affinity': return HARD_AFFINITY_WEIGHT;
    case 'preferred-affinity': return term.weight;
    case 'preferred-anti-affinity': return -term.weight;
    // Enforced by the filter.
    case 'required-anti-affinity': return 0;
  }
}

/** The worst becomes 0, the best {@link MAX_SCORE}; undefined when all are alike. */
function stretched(raw: Float64Array): Float64Array | undefined {
  let least = Infinity;
  let most = -Infinity;
  for (const score of raw) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  if (most <= least) return undefined;
  return raw.map((score) => Math.floor((MAX_SCORE * (score - least)) / (most - least)));
}
