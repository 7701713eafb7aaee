import type { Container, Pod } from '#api/generated/core/v1.ts';

type Kind = 'secret' | 'configMap';

/** Whether the pod needs the Secret or ConfigMap of its namespace. */
export const refersTo = (pod: Pod, kind: Kind, name: string): boolean => namesIn(pod, kind).includes(name);
/** Whether it needs any. */
export const refersToAny = (pod: Pod, kind: Kind): boolean => namesIn(pod, kind).length > 0;

function namesIn({ spec }: Pod, kind: Kind): readonly string[] {
  if (!spec) return [];
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...((spec.ephemeralContainers ?? []) as readonly Container[])];
  const pulls = kind === 'secret' ? spec.imagePullSecrets ?? [] : [];
  const found = [...pulls.map((pull) => pull.name), ...containers.flatMap((c) => namesInContainer(c, kind)), ...(spec.volumes ?? []).flatMap((v) => (kind === 'secret' ? secretsOf(v) : configMapsOf(v)))];
  return found.filter((name): name is string => name !== undefined);
}

type Names = readonly (string | undefined)[];

function namesInContainer({ envFrom = [], env = [] }: Container, kind: Kind): Names {
  const [from, key] = kind === 'secret' ? (['secretRef', 'secretKeyRef'] as const) : (['configMapRef', 'configMapKeyRef'] as const);
  return [...envFrom.map((e) => e[from]?.name), ...env.map((e) => e.valueFrom?.[key]?.name)];
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

const configMapsOf = ({ configMap, projected }: Volume): Names => [configMap?.name, ...(projected?.sources ?? []).map((s) => s.configMap?.name)];
const secretsOf = (volume: Volume): Names => [
  volume.secret?.secretName, ...(volume.projected?.sources ?? []).map((s) => s.secret?.name), volume.csi?.nodePublishSecretRef?.name, volume.azureFile?.secretName,
  ...[volume.flexVolume, volume.cephfs, volume.rbd, volume.iscsi, volume.scaleIO, volume.storageos].map((source) => source?.secretRef?.name),
];

/** Claims of the pod; that of a generic ephemeral volume goes by the names of both. */
export const claimNames = ({ metadata, spec }: Pod): readonly string[] =>
  (spec?.volumes ?? []).flatMap((v) => (v.persistentVolumeClaim ? [v.persistentVolumeClaim.claimName] : v.ephemeral ? [`${metadata.name}-${v.name}`] : []));

export const resourceClaimNames = ({ spec, status }: Pod): readonly string[] => [
  ...(spec?.resourceClaims ?? []).flatMap((c) => c.resourceClaimName ?? []), ...(status?.resourceClaimStatuses ?? []).flatMap((c) => c.resourceClaimName ?? []),
  // Made for the extended resources that its containers ask for.
  ...(status?.extendedResourceClaimStatus?.resourceClaimName ? [status.extendedResourceClaimStatus.resourceClaimName] : []),
];
