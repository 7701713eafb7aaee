import { compareVersions } from '#api/kube-version.ts';

/**
 * The groups in the order of Kubernetes' priorities, highest first: clients that look for a short name take the first group that has it.
 * Groups that are not named here come last, by name.
 */
const GROUPS: readonly string[] = [
  'apiregistration.k8s.io', 'apps', 'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'autoscaling', 'batch', 'certificates.k8s.io', 'networking.k8s.io', 'policy',
  'rbac.authorization.k8s.io', 'storage.k8s.io', 'admissionregistration.k8s.io', 'apiextensions.k8s.io', 'scheduling.k8s.io', 'coordination.k8s.io', 'node.k8s.io', 'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io', 'resource.k8s.io',
];

export function inGroupOrder(groups: readonly string[]): readonly string[] {
  const rank = (group: string): number => (GROUPS.includes(group) ? GROUPS.indexOf(group) : GROUPS.length);
  return groups.toSorted((a, b) => rank(a) - rank(b) || compareText(a, b));
}

/** The preferred version first. */
export const inVersionOrder = (versions: readonly string[]): readonly string[] => versions.toSorted(compareVersions);

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
