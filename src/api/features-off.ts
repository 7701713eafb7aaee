import type { TypeReference } from '#api/facts.ts';

/**
 * Fields of features that Kubernetes 1.36 has turned off, by the type that has them. They are known and checked, so that nobody is told
 * otherwise, and not kept: where the feature is off, no part of a cluster acts on them.
 */
export const FIELDS_OFF: Readonly<Record<TypeReference, readonly string[]>> = {
  // MaxUnavailableStatefulSet
  'apps/v1.RollingUpdateStatefulSetStrategy': ['maxUnavailable'],
  // CoordinatedLeaderElection
  'coordination/v1.LeaseSpec': ['strategy', 'preferredHolder'],
  // ContainerStopSignals
  'core/v1.Lifecycle': ['stopSignal'],
  // No kubelet reads its configuration from the API any more.
  'core/v1.NodeSpec': ['configSource'],
  'core/v1.NodeStatus': ['config'],
  // GenericWorkload
  'core/v1.PodSpec': ['schedulingGroup'],
  // ClusterTrustBundleProjection, PodCertificateRequest
  'core/v1.VolumeProjection': ['clusterTrustBundle', 'podCertificate'],
  // DRANodeAllocatableResources
  'core/v1.PodStatus': ['nodeAllocatableResourceClaimStatuses'],
  'resource/v1.Device': ['nodeAllocatableResourceMappings'],
  // DRAListTypeAttributes
  'resource/v1.DeviceAttribute': ['ints', 'bools', 'strings', 'versions'],
  // VolumeLimitScaling
  'storage/v1.CSIDriverSpec': ['preventPodSchedulingIfMissing'],
};

/** What holds one of them goes with the last. */
const HOLDERS: Readonly<Record<TypeReference, readonly string[]>> = { 'core/v1.Container': ['lifecycle'], 'core/v1.EphemeralContainer': ['lifecycle'] };

export const isOff = (type: TypeReference, field: string): boolean => FIELDS_OFF[type]?.includes(field) === true;
export const holdsOff = (type: TypeReference, field: string): boolean => HOLDERS[type]?.includes(field) === true;
