import type { Pod, TopologySpreadConstraint } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { withLabelKeys } from '#api/selectors/label-keys.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { requiredNodePredicate } from '../../framework/node-selector.ts';
import { HOSTNAME_LABEL, ZONE_LABEL } from '../../framework/node-info.ts';
import type { PodInfo } from '../../framework/pod-info.ts';
import { isHard, toleratesAll } from '../../framework/tolerations.ts';
import type { SchedulingCycle } from '../../framework/plugin.ts';
import type { TopologyCounts } from '../../framework/topology-counter.ts';

/** A constraint with the pods that it counts. */
export interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly matchesSelf: boolean;
  readonly counts: TopologyCounts;
}

/** Weak, so that they only break ties between equally good nodes; what Kubernetes applies when a pod says nothing. */
const DEFAULT_CONSTRAINTS = [
  { topologyKey: HOSTNAME_LABEL, maxSkew: 3 },
  { topologyKey: ZONE_LABEL, maxSkew: 5 },
] as const;

export const constraintsOf = (pod: Pod, when: TopologySpreadConstraint['whenUnsatisfiable']): readonly TopologySpreadConstraint[] =>
  (pod.spec?.topologySpreadConstraints ?? []).filter((constraint) => constraint.whenUnsatisfiable === when);

/** The constraints of one kind; a node takes part only if it has the topology keys of all of them. */
export function resolveConstraints(cycle: SchedulingCycle, constraints: readonly TopologySpreadConstraint[]): readonly Constraint[] {
  const keys = constraints.map((c) => c.topologyKey);
  return constraints.map((c) => {
    const selector = withLabelKeys(c.labelSelector, cycle.pod.labels, c.matchLabelKeys);
    return { ...counting(cycle, selector, c, keys), topologyKey: c.topologyKey, maxSkew: c.maxSkew, minDomains: c.minDomains ?? 1 };
  });
}

/** Over hosts and zones, for the pods of the same services and controller; none when the pod belongs to none. */
export function defaultConstraints(cycle: SchedulingCycle): readonly Constraint[] {
  const selector = cycle.snapshot.workloadSelector(cycle.pod);
  if (selector === undefined) return [];
  return DEFAULT_CONSTRAINTS.map((c) => ({ ...c, ...counting(cycle, selector, c, []), minDomains: 1 }));
}

type Policies = Pick<TopologySpreadConstraint, 'topologyKey' | 'nodeAffinityPolicy' | 'nodeTaintsPolicy'>;

function counting(
  { pod, snapshot }: SchedulingCycle, selector: LabelSelector | undefined, policies: Policies, keys: readonly string[],
): Pick<Constraint, 'counts' | 'matchesSelf'> {
  const { topologyKey } = policies;
  const spec = pod.pod.spec;
  const selects = selector ? labelSelectorPredicate(selector) : () => false;
  // A selector of everything selects the pod itself, and counts nobody: so it is in Kubernetes.
  const countsAny = selector !== undefined && (Object.keys(selector.matchLabels ?? {}).length > 0 || (selector.matchExpressions ?? []).length > 0);
  const affinity = policies.nodeAffinityPolicy === 'Ignore' ? undefined : requiredNodePredicate(pod.pod);
  const tolerations = policies.nodeTaintsPolicy === 'Honor' ? (spec?.tolerations ?? []) : undefined;
  const signature = JSON.stringify([
    'spread', pod.namespace, topologyKey, selector, keys, affinity && [spec?.nodeSelector, spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution], tolerations,
  ]);
  const counts = snapshot.count({
    signature, topologyKey,
    counts: (other: PodInfo) => countsAny && !other.isTerminating && other.namespace === pod.namespace && selects(other.labels),
    isEligible: (node) =>
      keys.every((key) => node.labels[key] !== undefined) && (affinity?.(node) ?? true) &&
      (tolerations === undefined || toleratesAll(tolerations, node.taints.filter(isHard))),
  });
  return { counts, matchesSelf: selects(pod.labels) };
}
