import type { NodeSelectorTerm } from '#api/generated/core/v1.ts';

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** Why a label of nodes should not be used any more. */
export const deprecatedLabel = (label: string): string | undefined => (Object.hasOwn(DEPRECATED, label) ? DEPRECATED[label] : undefined);

export function warnOfTerm(path: string, term: NodeSelectorTerm): readonly string[] {
  return (term.matchExpressions ?? []).flatMap(({ key }, i) => {
    const why = deprecatedLabel(key);
    return why === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${key} is ${why}`];
  });
}
