import { MAX_SCORE, rejection, scoreEach, SKIP, type FilterPlugin, type SchedulingCycle, type ScorePlugin } from '../../framework/plugin.ts';
import { HOSTNAME_LABEL, type NodeInfo } from '../../framework/node-info.ts';
import { constraintsOf, defaultConstraints, resolveConstraints, type Constraint } from './constraints.ts';

const MESSAGE = "node(s) didn't match pod topology spread constraints";
const SKEWED = rejection(MESSAGE, true);
const NO_LABEL = rejection(`${MESSAGE} (missing required label)`, false);

/** With the pod, no domain may hold more than `maxSkew` pods above the emptiest one. */
export const podTopologySpread: FilterPlugin = {
  name: 'PodTopologySpread',
  events: ['node-add', 'node-labels', 'node-taints', 'pod-add', 'pod-labels', 'pod-delete'],
  preFilter(cycle) {
    const hard = constraintsOf(cycle.pod.pod, 'DoNotSchedule');
    if (hard.length === 0) return SKIP;
    const constraints = resolveConstraints(cycle, hard);
    const limits = constraints.map(limitOf);
    return {
      type: 'filter',
      filter: (node) => {
        for (const [index, { topologyKey, counts }] of constraints.entries()) {
          if (node.labels[topologyKey] === undefined) return NO_LABEL;
          // A node that takes no part holds no pod that counts.
          if ((counts.domainOf(node)?.pods ?? 0) > (limits[index] as number)) return SKEWED;
        }
        return undefined;
      },
    };
  },
};

/** How many pods a domain may already hold. Fewer domains than asked for: the missing ones are empty. */
function limitOf({ counts, minDomains, maxSkew, matchesSelf }: Constraint): number {
  const minimum = counts.size < minDomains ? 0 : counts.minimum();
  return minimum + maxSkew - (matchesSelf ? 1 : 0);
}

/** The fewer pods of the same kind in the node's domains, the better; small topologies weigh less than large ones. */
export const podTopologySpreadScore: ScorePlugin = {
  name: 'PodTopologySpread',
  score(cycle, nodes) {
    const { constraints, needsAll } = softConstraints(cycle);
    if (constraints.length === 0) return undefined;
    const scored = needsAll ? nodes.filter(({ labels }) => constraints.every(({ topologyKey }) => labels[topologyKey] !== undefined)) : nodes;
    const weighted = constraints.map((c) => ({ ...c, weight: Math.log(sizeOf(c, scored) + 2) }));
    const raw = scoreEach(nodes, (node) => {
      let score = 0;
      for (const { counts, weight, maxSkew, topologyKey } of weighted) {
        if (node.labels[topologyKey] === undefined) {
          if (needsAll) return Number.NaN;
          continue;
        }
        score += (counts.domainOf(node)?.pods ?? 0) * weight + (maxSkew - 1);
      }
      return Math.round(score);
    });
    return reversed(raw);
  },
};

/** How many domains there are to choose from: each node is a host. */
const sizeOf = ({ topologyKey }: Constraint, nodes: readonly NodeInfo[]): number =>
  (topologyKey === HOSTNAME_LABEL ? nodes.length : new Set(nodes.map(({ labels }) => labels[topologyKey])).size);

function softConstraints(cycle: SchedulingCycle): { readonly constraints: readonly Constraint[]; readonly needsAll: boolean } {
  const given = cycle.pod.pod.spec?.topologySpreadConstraints ?? [];
  if (given.length === 0) return { constraints: defaultConstraints(cycle), needsAll: false };
  return { constraints: resolveConstraints(cycle, constraintsOf(cycle.pod.pod, 'ScheduleAnyway')), needsAll: true };
}

/** Fewest pods get the most; nodes that take no part (NaN) get nothing. */
function reversed(raw: Float64Array): Float64Array {
  let least = Infinity;
  let most = 0;
  for (const score of raw) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  return raw.map((score) => (Number.isNaN(score) ? 0 : most === 0 ? MAX_SCORE : Math.floor((MAX_SCORE * (most + least - score)) / most)));
}
