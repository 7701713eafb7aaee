import type { Pod, PodAffinity, PodAffinityTerm } from '#api/generated/core/v1.ts';
import type { LabelSelectorRequirement } from '#api/generated/meta/v1.ts';

type Labels = Readonly<Record<string, string>>;

/** Writes the pod's own values of `matchLabelKeys` and `mismatchLabelKeys` into the selectors of its affinity: who reads them need not know the pod's labels of then. */
export function withLabelKeys<T extends Pod>(pod: T): T {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  if (![podAffinity, podAntiAffinity].some((affinity) => termsOf(affinity).some(hasKeys))) return pod;
  const labels = pod.metadata.labels ?? {};
  const affinity = { ...pod.spec?.affinity, ...(podAffinity ? { podAffinity: merged(podAffinity, labels) } : {}), ...(podAntiAffinity ? { podAntiAffinity: merged(podAntiAffinity, labels) } : {}) };
  return { ...pod, spec: { ...pod.spec, affinity } } as T;
}

const termsOf = (affinity: PodAffinity | undefined): readonly PodAffinityTerm[] =>
  [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm)];

/** A selector that is absent selects nothing, whatever the keys. */
const hasKeys = ({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm): boolean => labelSelector !== undefined && matchLabelKeys.length + mismatchLabelKeys.length > 0;

function merged(affinity: PodAffinity, labels: Labels): PodAffinity {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  return {
    ...affinity, ...(required ? { requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => mergedTerm(term, labels)) } : {}),
    ...(preferred ? { preferredDuringSchedulingIgnoredDuringExecution: preferred.map((p) => ({ ...p, podAffinityTerm: mergedTerm(p.podAffinityTerm, labels) })) } : {}),
  };
}

function mergedTerm(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  if (!hasKeys(term)) return term;
  const { labelSelector = {}, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const requirements = (keys: readonly string[], operator: 'In' | 'NotIn'): readonly LabelSelectorRequirement[] =>
    keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  return { ...term, labelSelector: { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...requirements(matchLabelKeys, 'In'), ...requirements(mismatchLabelKeys, 'NotIn')] } };
}
