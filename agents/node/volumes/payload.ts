import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret, Volume, VolumeProjection } from '#api/generated/core/v1.ts';
import { HeadwayError } from '#base/errors.ts';
import { fieldValue, resourceValue, type DownwardFacts } from '../containers/downward.ts';
import type { ReferencedObjects } from '../containers/env.ts';
import type { Payload, PayloadFile } from './atomic-writer.ts';
import type { TokenSource } from './token-source.ts';

const DEFAULT_MODE = 0o644;

/** What a volume names is not there yet: the pod waits in ContainerCreating, with an event. */
export class VolumeNotReady extends HeadwayError<{ readonly volume: string }> {
  readonly code = 'volume-not-ready';
  readonly isRetryable = true;
}

export interface PayloadContext {
  readonly pod: Pod;
  readonly facts: DownwardFacts;
  readonly objects: ReferencedObjects;
  readonly tokens: TokenSource;
}

export interface VolumeContent {
  readonly files: Payload;
  /** When the content must be made anew although no object changed; undefined: never. */
  readonly refreshAt?: number;
}

export const isPayloadVolume = (v: Volume): boolean => Boolean(v.configMap ?? v.secret ?? v.downwardAPI ?? v.projected);

/** The ConfigMaps and Secrets that a volume shows. */
export function referencesOf(volume: Volume): readonly { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string }[] {
  const sources: readonly VolumeProjection[] = volume.projected?.sources ?? [];
  const maps = [volume.configMap?.name, ...sources.map((s) => s.configMap?.name)];
  const secrets = [volume.secret?.secretName, ...sources.map((s) => s.secret?.name)];
  const named = (kind: 'ConfigMap' | 'Secret', names: readonly (string | undefined)[]) => names.flatMap((name) => (name === undefined ? [] : [{ kind, name }]));
  return [...named('ConfigMap', maps), ...named('Secret', secrets)];
}

/** The files of a volume as they are to be now. Throws {@link VolumeNotReady}, or StatusError when a token is refused. */
export async function volumeContent(context: PayloadContext, volume: Volume): Promise<VolumeContent> {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? DEFAULT_MODE;
  const sources: readonly VolumeProjection[] = projected?.sources ?? [
    { ...(configMap ? { configMap } : {}), ...(secret ? { secret: { ...secret, name: secret.secretName } } : {}), ...(downwardAPI ? { downwardAPI } : {}) },
  ];
  const files = new Map<string, PayloadFile>();
  let refreshAt: number | undefined;
  for (const source of sources) {
    const part = await sourceContent(context, volume.name, source, mode);
    for (const [path, file] of part.files) files.set(path, file);
    if (part.refreshAt !== undefined) refreshAt = Math.min(refreshAt ?? Infinity, part.refreshAt);
  }
  return { files, ...(refreshAt === undefined ? {} : { refreshAt }) };
}

async function sourceContent(context: PayloadContext, volume: string, source: VolumeProjection, mode: number): Promise<VolumeContent> {
  const namespace = context.pod.metadata.namespace ?? '';
  if (source.configMap) {
    const { name = '', items, optional } = source.configMap;
    const map = await context.objects.configMap(namespace, name);
    if (!map && !optional) throw new VolumeNotReady(`configmap "${name}" not found`, { volume });
    return { files: pick(volume, `configmap "${name}"`, configMapData(map), items, mode, optional) };
  }
  if (source.secret) {
    const { name = '', items, optional } = source.secret;
    const secret = await context.objects.secret(namespace, name);
    if (!secret && !optional) throw new VolumeNotReady(`secret "${name}" not found`, { volume });
    return { files: pick(volume, `secret "${name}"`, secretData(secret), items, mode, optional) };
  }
  if (source.downwardAPI) return { files: downwardFiles(context, volume, source.downwardAPI.items ?? [], mode) };
  if (source.serviceAccountToken) {
    const issued = await context.tokens.token(context.pod, source.serviceAccountToken);
    // Only the pod's group may read it when there is one: any user of the pod otherwise.
    const isGrouped = context.pod.spec.securityContext?.fsGroup !== undefined;
    return { files: new Map([[source.serviceAccountToken.path, { data: Buffer.from(issued.token), mode: isGrouped ? 0o600 : mode }]]), refreshAt: issued.refreshAt };
  }
  return { files: new Map() };
}

const configMapData = (map: ConfigMap | undefined): ReadonlyMap<string, Buffer> => new Map([
  ...Object.entries(map?.data ?? {}).map(([key, text]) => [key, Buffer.from(text)] as const),
  ...Object.entries(map?.binaryData ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')] as const),
]);
const secretData = (secret: Secret | undefined): ReadonlyMap<string, Buffer> =>
  new Map(Object.entries(secret?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));

function pick(volume: string, owner: string, data: ReadonlyMap<string, Buffer>, items: readonly KeyToPath[] | undefined, mode: number, optional: boolean | undefined): Payload {
  if (!items?.length) return new Map([...data].map(([key, bytes]) => [key, { data: bytes, mode }]));
  const files = new Map<string, PayloadFile>();
  for (const item of items) {
    const bytes = data.get(item.key);
    if (bytes) files.set(item.path, { data: bytes, mode: item.mode ?? mode });
    else if (!optional) throw new VolumeNotReady(`${owner} references non-existent key: ${item.key}`, { volume });
  }
  return files;
}

function downwardFiles(context: PayloadContext, volume: string, items: readonly DownwardAPIVolumeFile[], mode: number): Payload {
  const { pod, facts } = context;
  return new Map(items.map((item) => {
    const container = pod.spec.containers.find((c) => c.name === item.resourceFieldRef?.containerName);
    const value = item.fieldRef ? fieldValue(pod, item.fieldRef.fieldPath, facts) : item.resourceFieldRef && container ? resourceValue(container, item.resourceFieldRef, facts) : undefined;
    if (value === undefined) throw new VolumeNotReady(`item ${item.path} names a field that pods do not have`, { volume });
    return [item.path, { data: Buffer.from(value), mode: item.mode ?? mode }] as const;
  }));
}
