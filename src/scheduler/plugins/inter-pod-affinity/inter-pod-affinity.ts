import type { AffinityTerm } from '../../framework/affinity-term.ts';
import type { NodeInfo } from '../../framework/node-info.ts';
import { rejection, SKIP, type FilterPlugin, type NodeFilter, type SchedulingCycle } from '../../framework/plugin.ts';
import type { TopologyCounts } from '../../framework/topology-counter.ts';

const NO_AFFINITY = rejection("node(s) didn't match pod affinity rules", false);
const ANTI_AFFINITY = rejection("node(s) didn't match pod anti-affinity rules", true);
const EXISTING_ANTI_AFFINITY = rejection("node(s) didn't satisfy existing pods anti-affinity rules", true);

/** Required affinity and anti-affinity of the pod, and the anti-affinity of the pods that are there. */
export const interPodAffinity: FilterPlugin = {
  name: 'InterPodAffinity',
  events: ['node-add', 'node-labels', 'pod-add', 'pod-labels', 'pod-delete', 'namespace-labels'],
  preFilter(cycle) {
    const checks = [affinityCheck(cycle), antiAffinityCheck(cycle), existingCheck(cycle)].filter((check) => check !== undefined);
    if (checks.length === 0) return SKIP;
    return {
      type: 'filter',
      filter: (node) => {
        for (const check of checks) {
          const rejected = check(node);
          if (rejected) return rejected;
        }
        return undefined;
      },
    };
  },
};

/** Pods that a term selects, by topology value. */
export const countTerm = ({ snapshot }: SchedulingCycle, term: AffinityTerm): TopologyCounts =>
  snapshot.count({ signature: `term ${term.signature}`, topologyKey: term.topologyKey, counts: (pod) => term.matches(pod, snapshot.namespaceLabels) });

/** A pod must match all terms to count for any of them. */
function affinityCheck(cycle: SchedulingCycle): NodeFilter | undefined {
  const { snapshot, pod } = cycle;
  const terms = pod.affinity.required;
  if (terms.length === 0) return undefined;
  const all = terms.map((term) => term.signature).join();
  const counts = terms.map((term) => snapshot.count({
    signature: `all ${term.topologyKey} ${all}`, topologyKey: term.topologyKey,
    counts: (other) => terms.every((t) => t.matches(other, snapshot.namespaceLabels)),
  }));
  // The first pod of a group that wants to be together has nobody to join yet.
  const mayBeFirst = counts.every(({ total }) => total === 0) && terms.every((term) => term.matches(pod, snapshot.namespaceLabels));
  return (node) => {
    for (const count of counts) {
      const domain = count.domainOf(node);
      if (domain === undefined || (domain.pods === 0 && !mayBeFirst)) return NO_AFFINITY;
    }
    return undefined;
  };
}

function antiAffinityCheck(cycle: SchedulingCycle): NodeFilter | undefined {
  const counts = cycle.pod.antiAffinity.required.map((term) => countTerm(cycle, term)).filter(({ total }) => total > 0);
  if (counts.length === 0) return undefined;
  return (node) => (counts.some((count) => (count.domainOf(node)?.pods ?? 0) > 0) ? ANTI_AFFINITY : undefined);
}

function existingCheck({ pod, snapshot }: SchedulingCycle): NodeFilter | undefined {
  const forbidden: { readonly key: string; readonly values: ReadonlyMap<string, number> }[] = [];
  for (const { kind, term, byValue } of snapshot.termGroups()) {
    if (kind === 'required-anti-affinity' && term.matches(pod, snapshot.namespaceLabels)) forbidden.push({ key: term.topologyKey, values: byValue });
  }
  if (forbidden.length === 0) return undefined;
  const isForbidden = (node: NodeInfo): boolean => forbidden.some(({ key, values }) => {
    const value = node.labels[key];
    return value !== undefined && values.has(value);
  });
  return (node) => (isForbidden(node) ? EXISTING_ANTI_AFFINITY : undefined);
}
