import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '#api/generated/core/v1.ts';
import type { NodeInfo } from './node-info.ts';

export type NodePredicate = (node: NodeInfo) => boolean;

/** What `nodeSelector` and required node affinity ask of a node; undefined when they ask nothing. */
export function requiredNodePredicate(pod: Pod): NodePredicate | undefined {
  const labels = Object.entries(pod.spec?.nodeSelector ?? {});
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matches = required && nodeSelectorPredicate(required);
  if (labels.length === 0) return matches;
  return (node) => labels.every(([key, value]) => node.labels[key] === value) && (matches?.(node) ?? true);
}

export function nodeSelectorPredicate(selector: NodeSelector): NodePredicate {
  const terms = selector.nodeSelectorTerms.map(nodeTermPredicate);
  return (node) => terms.some((term) => term(node));
}

/** A term with no requirement matches no node. */
export function nodeTermPredicate(term: NodeSelectorTerm): NodePredicate {
  const expressions = (term.matchExpressions ?? []).map((r) => ({ key: r.key, holds: requirement(r) }));
  const fields = (term.matchFields ?? []).map((r) => ({ isName: r.key === 'metadata.name', holds: requirement(r) }));
  if (expressions.length + fields.length === 0) return () => false;
  return (node) =>
    expressions.every(({ key, holds }) => holds(node.labels[key])) && fields.every(({ isName, holds }) => isName && holds(node.name));
}

function requirement(r: NodeSelectorRequirement): (value: string | undefined) => boolean {
  const values = new Set(r.values);
  const bound = Number(r.values?.[0]);
  switch (r.operator) {
    case 'In': return (value) => value !== undefined && values.has(value);
    case 'NotIn': return (value) => value === undefined || !values.has(value);
    case 'Exists': return (value) => value !== undefined;
    case 'DoesNotExist': return (value) => value === undefined;
    case 'Gt': return (value) => value !== undefined && isInteger(value) && Number(value) > bound;
    case 'Lt': return (value) => value !== undefined && isInteger(value) && Number(value) < bound;
  }
}

const isInteger = (text: string): boolean => /^[+-]?\d+$/.test(text);

/** The nodes that required affinity names outright (as DaemonSet pods do); undefined when any node may do, empty when its terms contradict one another. */
export function requiredNodeNames(pod: Pod): ReadonlySet<string> | undefined {
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined) return undefined;
  const names = new Set<string>();
  for (const term of terms) {
    const fields = (term.matchFields ?? []).filter((r) => r.key === 'metadata.name' && r.operator === 'In');
    if (fields.length === 0) return undefined;
    for (const name of fields[0]?.values ?? []) if (fields.every(({ values }) => values?.includes(name))) names.add(name);
  }
  return names;
}
