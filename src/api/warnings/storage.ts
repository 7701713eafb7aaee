import type { NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import type { CSIStorageCapacity, StorageClass } from '#api/generated/storage/v1.ts';
import { warnOfClaimSpec } from './claim-spec.ts';
import { deprecatedLabel, warnOfTerm } from './node-labels.ts';

const CLASS = 'volume.beta.kubernetes.io/storage-class';
const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options';
const GONE: readonly (readonly [keyof NonNullable<PersistentVolume['spec']>, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'], ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageos', 'deprecated in v1.22, non-functional in v1.25+'], ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'], ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function warnOfVolume({ metadata, spec = {} }: PersistentVolume): readonly string[] {
  const annotations = metadata.annotations ?? {};
  return [
    ...(CLASS in annotations ? [`metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`] : []),
    ...(MOUNT_OPTIONS in annotations ? [`metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`] : []),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? ['spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'] : []),
    ...(spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).flatMap((term, i) => warnOfTerm(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, term)),
    ...GONE.flatMap(([field, name, message]) => (spec[field] === undefined ? [] : [`spec.${name}: ${message}`])),
  ];
}

export const warnOfClaim = ({ metadata, spec }: PersistentVolumeClaim): readonly string[] => [
  ...(CLASS in (metadata.annotations ?? {}) ? [`metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`] : []), ...(spec ? warnOfClaimSpec('spec', spec) : []),
];

export function warnOfStorageClass({ allowedTopologies = [] }: StorageClass): readonly string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) => matchLabelExpressions.flatMap(({ key }, j) => {
    const why = deprecatedLabel(key);
    return why === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`];
  }));
}

export function warnOfCapacity({ nodeTopology = {} }: CSIStorageCapacity): readonly string[] {
  const labels = Object.keys(nodeTopology.matchLabels ?? {}).flatMap((label) => {
    const why = deprecatedLabel(label);
    return why === undefined ? [] : [`nodeTopology.matchLabels.${label}: ${why}`];
  });
  return [...warnOfTerm('nodeTopology', nodeTopology as NodeSelectorTerm), ...labels];
}
