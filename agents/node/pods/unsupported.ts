import type { Container, Pod, Volume } from '#api/generated/core/v1.ts';

const SUPPORTED_VOLUMES: readonly string[] = ['name', 'configMap', 'secret', 'emptyDir', 'downwardAPI', 'projected', 'hostPath'];
const SUPPORTED_PROJECTIONS: readonly string[] = ['configMap', 'secret', 'downwardAPI', 'serviceAccountToken'];

/** Fields that this node cannot honour; a pod that sets one is refused, so that nothing it asks for is silently left out. */
export function unsupportedFields(pod: Pod): readonly string[] {
  const { spec } = pod;
  const lists = [['initContainers', spec.initContainers ?? []], ['containers', spec.containers]] as const;
  const named: readonly (readonly [string, boolean])[] = [
    ['spec.runtimeClassName', Boolean(spec.runtimeClassName)],
    ['spec.resourceClaims', (spec.resourceClaims?.length ?? 0) > 0],
    ['spec.hostUsers', spec.hostUsers === false],
    ['spec.os.name', spec.os?.name !== undefined && spec.os.name !== 'linux'],
    ['spec.resources', spec.resources !== undefined],
    ['spec.securityContext.windowsOptions', spec.securityContext?.windowsOptions !== undefined],
    ['spec.securityContext.supplementalGroupsPolicy', spec.securityContext?.supplementalGroupsPolicy === 'Strict'],
  ];
  return [
    ...named.filter(([, isSet]) => isSet).map(([field]) => field),
    ...(spec.volumes ?? []).flatMap((volume, i) => volumeFields(volume, `spec.volumes[${i}]`)),
    ...lists.flatMap(([list, containers]) => containers.flatMap((c, i) => containerFields(c, `spec.${list}[${i}]`))),
  ];
}

function volumeFields(volume: Volume, path: string): readonly string[] {
  const own = Object.keys(volume).filter((key) => volume[key as keyof Volume] !== undefined && !SUPPORTED_VOLUMES.includes(key));
  const sources = (volume.projected?.sources ?? []).flatMap((source, i) =>
    Object.keys(source).filter((key) => !SUPPORTED_PROJECTIONS.includes(key)).map((key) => `${path}.projected.sources[${i}].${key}`));
  const medium = volume.emptyDir?.medium ?? '';
  return [...own.map((key) => `${path}.${key}`), ...sources, ...(medium === '' || medium === 'Memory' ? [] : [`${path}.emptyDir.medium`])];
}

function containerFields(container: Container, path: string): readonly string[] {
  const named: readonly (readonly [string, boolean])[] = [
    ['volumeDevices', (container.volumeDevices?.length ?? 0) > 0],
    ['restartPolicyRules', (container.restartPolicyRules?.length ?? 0) > 0],
    ['restartPolicy', container.restartPolicy !== undefined && container.restartPolicy !== 'Always'],
    ['lifecycle.stopSignal', container.lifecycle?.stopSignal !== undefined],
    ['securityContext.windowsOptions', container.securityContext?.windowsOptions !== undefined],
    ['resources.claims', (container.resources?.claims?.length ?? 0) > 0],
  ];
  const env = (container.env ?? []).flatMap((v, i) => (v.valueFrom?.fileKeyRef ? [`env[${i}].valueFrom.fileKeyRef`] : []));
  const recursive = (container.volumeMounts ?? []).flatMap((m, i) => (m.recursiveReadOnly === 'Enabled' ? [`volumeMounts[${i}].recursiveReadOnly`] : []));
  const odd = Object.keys(container.resources?.limits ?? {}).filter((name) => !['cpu', 'memory', 'ephemeral-storage'].includes(name)).map((name) => `resources.limits.${name}`);
  return [...named.filter(([, isSet]) => isSet).map(([field]) => field), ...env, ...recursive, ...odd].map((field) => `${path}.${field}`);
}

/** Limits that are accepted but not watched over: said once in an event. */
export function unenforcedFields(pod: Pod): readonly string[] {
  const sizes = (pod.spec.volumes ?? []).flatMap((v, i) => (v.emptyDir?.sizeLimit !== undefined && v.emptyDir.medium !== 'Memory' ? [`spec.volumes[${i}].emptyDir.sizeLimit`] : []));
  const storage = pod.spec.containers.flatMap((c, i) => (c.resources?.limits?.['ephemeral-storage'] === undefined ? [] : [`spec.containers[${i}].resources.limits.ephemeral-storage`]));
  const debug = (pod.spec.ephemeralContainers?.length ?? 0) > 0 ? ['spec.ephemeralContainers'] : [];
  return [...sizes, ...storage, ...debug];
}
