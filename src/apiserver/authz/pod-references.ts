import type { Container, Pod } from '#api/generated/core/v1.ts';

type Kind = 'secret' | 'configMap';

/** Whether the pod needs the Secret or ConfigMap of its namespace. */
export function refersTo({ spec }: Pod, kind: Kind, name: string): boolean {
  if (!spec) return false;
  if (kind === 'secret' && (spec.imagePullSecrets ?? []).some((s) => s.name === name)) return true;
  const containers = [...spec.containers, ...(spec.initContainers ?? []), ...((spec.ephemeralContainers ?? []) as readonly Container[])];
  return containers.some((c) => containerRefersTo(c, kind, name)) || (spec.volumes ?? []).some((v) => volumeRefersTo(v, kind, name));
}

function containerRefersTo({ envFrom = [], env = [] }: Container, kind: Kind, name: string): boolean {
  const [from, key] = kind === 'secret' ? (['secretRef', 'secretKeyRef'] as const) : (['configMapRef', 'configMapKeyRef'] as const);
  return envFrom.some((e) => e[from]?.name === name) || env.some((e) => e.valueFrom?.[key]?.name === name);
}

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];

function volumeRefersTo(volume: Volume, kind: Kind, name: string): boolean {
  const sources = volume.projected?.sources ?? [];
  if (kind === 'configMap') return volume.configMap?.name === name || sources.some((s) => s.configMap?.name === name);
  return volume.secret?.secretName === name || sources.some((s) => s.secret?.name === name) || volume.csi?.nodePublishSecretRef?.name === name || (
    [volume.flexVolume, volume.cephfs, volume.rbd, volume.iscsi, volume.scaleIO, volume.storageos].some((source) => source?.secretRef?.name === name) || volume.azureFile?.secretName === name
  );
}

/** Claims of the pod; that of a generic ephemeral volume goes by the names of both. */
export const claimNames = ({ metadata, spec }: Pod): readonly string[] =>
  (spec?.volumes ?? []).flatMap((v) => (v.persistentVolumeClaim ? [v.persistentVolumeClaim.claimName] : v.ephemeral ? [`${metadata.name}-${v.name}`] : []));

export const resourceClaimNames = ({ spec, status }: Pod): readonly string[] => [
  ...(spec?.resourceClaims ?? []).flatMap((c) => c.resourceClaimName ?? []), ...(status?.resourceClaimStatuses ?? []).flatMap((c) => c.resourceClaimName ?? []),
];
