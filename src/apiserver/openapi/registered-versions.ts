import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { compareText } from '../discovery/group-order.ts';
import type { GroupVersionKind } from './schemas.ts';

export type GroupVersion = Pick<GroupVersionKind, 'group' | 'version'>;

/** What Kubernetes 1.36 can read beside the `v1` that it serves. */
const UNSERVED: Readonly<Record<string, readonly string[]>> = {
  'admission.k8s.io': ['v1', 'v1beta1'], 'admissionregistration.k8s.io': ['v1alpha1', 'v1beta1'], 'apiextensions.k8s.io': ['v1beta1'], 'apiregistration.k8s.io': ['v1beta1'],
  apps: ['v1beta1', 'v1beta2'], 'authentication.k8s.io': ['v1alpha1', 'v1beta1'], 'authorization.k8s.io': ['v1beta1'], batch: ['v1beta1'], 'certificates.k8s.io': ['v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1alpha2', 'v1beta1'], 'discovery.k8s.io': ['v1beta1'], 'events.k8s.io': ['v1beta1'], extensions: ['v1beta1'], 'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'imagepolicy.k8s.io': ['v1alpha1'], 'internal.apiserver.k8s.io': ['v1alpha1'], 'networking.k8s.io': ['v1beta1'], 'node.k8s.io': ['v1alpha1', 'v1beta1'], policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1alpha1', 'v1beta1'], 'resource.k8s.io': ['v1alpha3', 'v1beta1', 'v1beta2'], 'scheduling.k8s.io': ['v1alpha2', 'v1beta1'], 'storage.k8s.io': ['v1alpha1', 'v1beta1'],
  'storagemigration.k8s.io': ['v1beta1'],
};

/** All group versions that options and watch events may say that they are of, in order. */
export const REGISTERED_VERSIONS: readonly GroupVersion[] = [
  ...new Map(BUILT_IN_RESOURCES.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values(),
  ...Object.entries(UNSERVED).flatMap(([group, versions]) => versions.map((version) => ({ group, version }))),
].toSorted((a, b) => compareText(a.group, b.group) || compareText(a.version, b.version));

/** Those that the document of a built-in group version tells of: a list of all of them in each document would be most of the small ones. */
export const versionsNear = (own: GroupVersion): readonly GroupVersion[] => REGISTERED_VERSIONS.filter(({ group, version }) => (group === '' && version === 'v1') || (group === own.group && version === own.version));
