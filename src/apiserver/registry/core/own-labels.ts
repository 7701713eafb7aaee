import type { Affinity, PodAffinity, PodAffinityTerm, PodSpec, TopologySpreadConstraint } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { withLabelKeys } from '#api/selectors/label-keys.ts';

type Labels = Readonly<Record<string, string>>;
interface Keyed {
  readonly labelSelector?: LabelSelector | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/** A new pod's own labels become a part of the selectors that name their keys. */
export function withOwnLabels(spec: PodSpec, labels: Labels = {}): PodSpec {
  const { affinity, topologySpreadConstraints: constraints } = spec;
  if (affinity?.podAffinity === undefined && affinity?.podAntiAffinity === undefined && constraints === undefined) return spec;
  return { ...spec, ...(affinity ? { affinity: ofPods(affinity, labels) } : {}), ...(constraints ? { topologySpreadConstraints: constraints.map((constraint): TopologySpreadConstraint => merged(constraint, labels)) } : {}) };
}

function ofPods(affinity: Affinity, labels: Labels): Affinity {
  const { podAffinity, podAntiAffinity } = affinity;
  return { ...affinity, ...(podAffinity ? { podAffinity: ofTerms(podAffinity, labels) } : {}), ...(podAntiAffinity ? { podAntiAffinity: ofTerms(podAntiAffinity, labels) } : {}) };
}

function ofTerms(affinity: PodAffinity, labels: Labels): PodAffinity {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  const ofTerm = (term: PodAffinityTerm): PodAffinityTerm => merged(term, labels);
  return {
    ...affinity, ...(required ? { requiredDuringSchedulingIgnoredDuringExecution: required.map(ofTerm) } : {}),
    ...(preferred ? { preferredDuringSchedulingIgnoredDuringExecution: preferred.map((each) => ({ ...each, podAffinityTerm: ofTerm(each.podAffinityTerm) })) } : {}),
  };
}

/** Nothing is added where there is no selector. */
function merged<T extends Keyed>(term: T, labels: Labels): T {
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term;
  const selector = withLabelKeys(labelSelector, labels, matchLabelKeys, mismatchLabelKeys);
  return selector === labelSelector ? term : { ...term, labelSelector: selector };
}
