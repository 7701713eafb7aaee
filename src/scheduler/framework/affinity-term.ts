import type { Pod, PodAffinityTerm } from '#api/generated/core/v1.ts';
import { withLabelKeys } from '#api/selectors/label-keys.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { PodInfo } from './pod-info.ts';

/** Labels of a namespace, for `namespaceSelector`. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>>;

/** One term of pod affinity or anti-affinity, resolved for the pod that carries it. */
export interface AffinityTerm {
  /** Equal for terms that select the same pods over the same topology. */
  readonly signature: string;
  readonly topologyKey: string;
  /** How much a preferred term counts, 1 to 100; 0 for a required one. */
  readonly weight: number;
  matches(pod: PodInfo, namespaceLabels: NamespaceLabels): boolean;
}

export function affinityTerm(owner: Pod, term: PodAffinityTerm, weight = 0): AffinityTerm {
  const selector = withLabelKeys(term.labelSelector, owner.metadata.labels ?? {}, term.matchLabelKeys, term.mismatchLabelKeys);
  // Neither namespaces nor a selector: the owner's own namespace.
  const names = term.namespaces?.length || term.namespaceSelector ? [...(term.namespaces ?? [])].sort() : [owner.metadata.namespace ?? ''];
  const inNamespace = term.namespaceSelector && labelSelectorPredicate(term.namespaceSelector);
  const selects = selector && labelSelectorPredicate(selector);
  return {
    signature: JSON.stringify([names, term.namespaceSelector, selector, term.topologyKey]),
    topologyKey: term.topologyKey,
    weight,
    matches: (pod, namespaceLabels) =>
      selects !== undefined && (names.includes(pod.namespace) || (inNamespace?.(namespaceLabels(pod.namespace)) ?? false)) && selects(pod.labels),
  };
}
