export interface Priorities {
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

/** Of the built-in groups, as Kubernetes has them; the higher the earlier in discovery. */
const GROUPS: Readonly<Record<string, number>> = {
  '': 18_000, 'apps': 17_800, 'events.k8s.io': 17_750, 'authentication.k8s.io': 17_700, 'authorization.k8s.io': 17_600, 'autoscaling': 17_500, 'batch': 17_400,
  'certificates.k8s.io': 17_300, 'networking.k8s.io': 17_200, 'policy': 17_100, 'rbac.authorization.k8s.io': 17_000, 'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700, 'admissionregistration.k8s.io': 16_700, 'scheduling.k8s.io': 16_600, 'coordination.k8s.io': 16_500, 'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200, 'flowcontrol.apiserver.k8s.io': 16_100, 'resource.k8s.io': 15_900, 'headway.dev': 15_000,
};
const CUSTOM: Priorities = { groupPriorityMinimum: 1_000, versionPriority: 100 };
const DEFAULT_VERSION = 15;
const VERSIONS: Readonly<Record<string, number>> = { '/v1': 1, 'autoscaling/v2': 30, 'flowcontrol.apiserver.k8s.io/v1': 21 };

export function prioritiesOf(group: string, version: string): Priorities {
  const groupPriorityMinimum = GROUPS[group];
  return groupPriorityMinimum === undefined ? CUSTOM : { groupPriorityMinimum, versionPriority: VERSIONS[`${group}/${version}`] ?? DEFAULT_VERSION };
}
