import { warnOfClaimSpec } from './claim-spec.ts';
import type { PodSpec, Volume, VolumeProjection } from '#api/generated/core/v1.ts';

/** Plugins that are gone or going, in the order of Kubernetes' checks; the claim that a volume asks for comes between them. */
const VOLUMES: readonly (readonly [keyof Volume, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'], ['gitRepo', 'gitRepo', 'deprecated in v1.11'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'], ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'], ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'], ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function warnOfVolumes(path: string, volumes: NonNullable<PodSpec['volumes']>): readonly string[] {
  const found: string[] = [];
  volumes.forEach((volume, i) => {
    for (const [field, name, message] of VOLUMES) if (volume[field] !== undefined) found.push(`${path}[${i}].${name}: ${message}`);
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    if (claim) found.push(...warnOfClaimSpec(`${path}[${i}].ephemeral.volumeClaimTemplate.spec`, claim));
  });
  for (const volume of volumes) found.push(...warnOfPaths(volume));
  return found;
}

/** A file of a volume, and what it comes from where that is not the volume itself. */
interface Placed {
  readonly path: string;
  readonly source: string;
}
type Items = readonly { readonly path: string }[] | undefined;

const placed = (items: Items, source: string): readonly Placed[] => (items ?? []).map(({ path }) => ({ path: path.replace(/\/+$/, ''), source }));
const said = ({ path, source }: Placed): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);

/** Of files that hide each other: the last one stands, or none when one would lie in the other. */
function warnOfPaths({ name, configMap, secret, downwardAPI, projected }: Volume): readonly string[] {
  const found: string[] = [];
  const check = (what: string, files: readonly Placed[]): void => void found.push(...overlaps(files).map((pair) => `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${pair}`));
  if (configMap?.items) check(`ConfigMap ${JSON.stringify(configMap.name ?? '')}`, placed(configMap.items, ''));
  if (secret?.items) check(`Secret ${JSON.stringify(secret.secretName ?? '')}`, placed(secret.items, ''));
  if (downwardAPI?.items) check('DownwardAPI', placed(downwardAPI.items, ''));
  for (const source of projected?.sources ?? []) if (Object.keys(source).length === 0) found.push(`volume ${JSON.stringify(name)} (Projected) has no sources provided`);
  if (projected?.sources) check('Projected', projected.sources.flatMap(filesOf));
  return found;
}

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken }: VolumeProjection): readonly Placed[] {
  if (configMap?.items) return placed(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return placed(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return placed(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken === undefined ? [] : placed([serviceAccountToken], 'ServiceAccountToken');
}

/** Each is compared with each: of a volume with more files than anybody writes by hand, only so many are. */
const MAX_COMPARED = 100;

function overlaps(all: readonly Placed[]): readonly string[] {
  const files = all.slice(0, MAX_COMPARED);
  return files.flatMap((file, i) => files.slice(0, i).filter((other) => isWithin(file.path, other.path) || isWithin(other.path, file.path)).map((other) => `${said(file)} with ${said(other)}`));
}
const isWithin = (inner: string, outer: string): boolean => inner !== '' && outer !== '' && `${inner}/`.startsWith(`${outer}/`);
