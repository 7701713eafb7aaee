import { validateClaimSpec } from './claim.ts';
import { checkMode, validateFieldRef, validateKeyToPath, validateResourceRef } from './environment.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { checkFilePath } from './paths.ts';
import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import { ISCSI_NAME_TOO_LONG, isIscsiNameTooLong, podSources, validateSources, type Source, type SourceCheck } from './volume-sources.ts';
import type { ConfigMapVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, EmptyDirVolumeSource, EphemeralVolumeSource, ImageVolumeSource, ProjectedVolumeSource, SecretVolumeSource, Volume, VolumeProjection } from '#api/generated/core/v1.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';
import { tryParseQuantity } from '#api/quantity.ts';

const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const MIN_CERTIFICATE_SECONDS = 3600;

const ofType = <T>(check: (problems: Problems, field: string, source: T) => void): SourceCheck => check as unknown as SourceCheck;

const keyed = (name: 'secretName' | 'name') => (problems: Problems, field: string, source: SecretVolumeSource & ConfigMapVolumeSource): void => {
  if (!source[name]) problems.required(`${field}.${name}`);
  checkMode(problems, `${field}.defaultMode`, source.defaultMode);
  for (const [i, item] of (source.items ?? []).entries()) validateKeyToPath(problems, `${field}.items[${i}]`, item);
};

const OWN = {
  emptyDir: ofType<EmptyDirVolumeSource>((problems, field, { sizeLimit }) => {
    if (sizeLimit !== undefined && (tryParseQuantity(sizeLimit)?.nanos ?? 0n) < 0n) problems.forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity');
  }),
  secret: ofType(keyed('secretName')),
  configMap: ofType(keyed('name')),
  downwardAPI: ofType<DownwardAPIVolumeSource>((problems, field, { defaultMode, items = [] }) => {
    checkMode(problems, `${field}.defaultMode`, defaultMode);
    for (const file of items) validateDownwardFile(problems, field, file);
  }),
  projected: ofType(validateProjected),
  ephemeral: ofType<EphemeralVolumeSource>((problems, field, { volumeClaimTemplate: template }) => {
    if (template === undefined) return problems.required(`${field}.volumeClaimTemplate`);
    const { labels, annotations, ...others } = template.metadata ?? {};
    validateAnnotations(problems, `${field}.volumeClaimTemplate.metadata.annotations`, annotations);
    validateLabels(problems, `${field}.volumeClaimTemplate.metadata.labels`, labels);
    for (const name in others) problems.forbidden(`${field}.volumeClaimTemplate.metadata.${name === 'uid' ? 'uID' : name}`, 'cannot be set');
    validateClaimSpec(problems, `${field}.volumeClaimTemplate.spec`, template.spec ?? {});
  }),
} satisfies Readonly<Record<string, SourceCheck>>;

const imageCheck = (isPod: boolean): SourceCheck => ofType<ImageVolumeSource>((problems, field, { reference, pullPolicy }) => {
  if (isPod && !reference) problems.required(`${field}.reference`);
  problems.oneOf(`${field}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']);
});

const OF_PODS = podSources({ ...OWN, image: imageCheck(true) });
const OF_TEMPLATES = podSources({ ...OWN, image: imageCheck(false) });

export interface VolumesContext {
  /** The pod's name, when it is a pod and has one: claims are named after it. */
  readonly podName: string | undefined;
  readonly isPod: boolean;
}

/** The right volumes by their names, for mounts to refer to. */
export function validateVolumes(problems: Problems, path: string, volumes: readonly Volume[], { podName, isPod }: VolumesContext): ReadonlyMap<string, Volume> {
  const right = new Map<string, Volume>();
  const claims = new Set(podName === undefined ? [] : volumes.filter((volume) => volume.ephemeral !== undefined).map((volume) => `${podName}-${volume.name}`));
  for (const [i, volume] of volumes.entries()) {
    const field = `${path}[${i}]`;
    const before = problems.causes.length;
    validateSources(problems, field, volume as unknown as Source, isPod ? OF_PODS : OF_TEMPLATES);
    if (isIscsiNameTooLong(volume.name ?? '', volume.iscsi)) problems.invalid(`${field}.name`, volume.name ?? '', ISCSI_NAME_TOO_LONG);
    if (volume.ephemeral !== undefined && podName !== undefined && volume.name) checkClaimName(problems, field, podName, volume.name);
    problems.checkRequired(`${field}.name`, volume.name, dns1123Label);
    if (right.has(volume.name)) problems.duplicate(`${field}.name`, volume.name);
    if (problems.causes.length === before) right.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims.has(claim)) problems.invalid(`${field}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume');
  }
  return right;
}

function checkClaimName(problems: Problems, field: string, podName: string, name: string): void {
  const claim = `${podName}-${name}`;
  for (const message of dns1123Subdomain(claim)) problems.invalid(`${field}.name`, name, `PVC name ${JSON.stringify(claim)}: ${message}`);
}

function validateDownwardFile(problems: Problems, field: string, { path = '', fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile): void {
  if (path === '') problems.required(`${field}.path`);
  checkFilePath(problems, `${field}.path`, path);
  if (fieldRef !== undefined) {
    validateFieldRef(problems, `${field}.fieldRef`, fieldRef, true);
    if (resourceFieldRef !== undefined) problems.invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
  } else if (resourceFieldRef !== undefined) validateResourceRef(problems, `${field}.resourceFieldRef`, resourceFieldRef, true);
  else problems.required(field, 'one of fieldRef and resourceFieldRef is required');
  checkMode(problems, `${field}.mode`, mode);
}

/** All sources of a volume write into one folder: no two may write one file. */
function validateProjected(problems: Problems, field: string, { defaultMode, sources = [] }: ProjectedVolumeSource): void {
  checkMode(problems, `${field}.defaultMode`, defaultMode);
  const paths = new Set<string>();
  const claim = (path: string | undefined, owner: string): void => {
    if (!path) return;
    if (paths.has(path)) problems.invalid(field, owner, 'conflicting duplicate paths');
    paths.add(path);
  };
  for (const [i, source] of sources.entries()) {
    validateProjection(problems, field, `${field}.sources[${i}]`, source);
    for (const { path } of source.secret?.items ?? []) claim(path, source.secret?.name ?? '');
    for (const { path } of source.configMap?.items ?? []) claim(path, source.configMap?.name ?? '');
    for (const { path } of source.downwardAPI?.items ?? []) claim(path, path);
    for (const path of [source.clusterTrustBundle?.path, source.podCertificate?.credentialBundlePath, source.podCertificate?.keyPath, source.podCertificate?.certificateChainPath]) claim(path, path ?? '');
    if (Object.values(source).filter((value) => value !== undefined).length > 1) problems.forbidden(`${field}.sources[${i}]`, 'may not specify more than 1 volume type per source');
  }
}

function validateProjection(problems: Problems, volume: string, field: string, source: VolumeProjection): void {
  for (const name of ['secret', 'configMap'] as const) {
    const keys = source[name];
    if (keys === undefined) continue;
    if (!keys.name) problems.required(`${field}.${name}.name`);
    for (const [i, item] of (keys.items ?? []).entries()) validateKeyToPath(problems, `${field}.${name}.items[${i}]`, item);
  }
  for (const file of source.downwardAPI?.items ?? []) validateDownwardFile(problems, `${field}.downwardAPI`, file);
  const token = source.serviceAccountToken;
  if (token !== undefined) {
    const seconds = token.expirationSeconds ?? 0;
    if (seconds < MIN_TOKEN_SECONDS) problems.invalid(`${field}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes');
    if (seconds > MAX_TOKEN_SECONDS) problems.invalid(`${field}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds');
    if (!token.path) problems.required(`${volume}.path`);
    else checkFilePath(problems, `${volume}.path`, token.path);
  }
  if (source.clusterTrustBundle !== undefined) validateTrustBundle(problems, `${field}.clusterTrustBundle`, source.clusterTrustBundle);
  if (source.podCertificate !== undefined) validateCertificate(problems, `${field}.podCertificate`, source.podCertificate);
}

function validateTrustBundle(problems: Problems, field: string, bundle: NonNullable<VolumeProjection['clusterTrustBundle']>): void {
  const { name, signerName, labelSelector, path = '' } = bundle;
  if (name !== undefined && signerName !== undefined) problems.invalid(field, bundle, 'only one of name and signerName may be used');
  else if (name !== undefined) {
    if (name === '') problems.required(`${field}.name`, 'must be a valid object name');
    if (labelSelector !== undefined) problems.invalid(`${field}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified');
  } else if (signerName !== undefined) {
    if (signerName === '') problems.required(`${field}.signerName`, 'must be a valid signer name');
    validateSelector(problems, `${field}.labelSelector`, labelSelector);
  } else problems.required(field, 'either name or signerName must be specified');
  if (path === '') problems.required(`${field}.path`);
  checkFilePath(problems, `${field}.path`, path);
}

function validateCertificate(problems: Problems, field: string, certificate: NonNullable<VolumeProjection['podCertificate']>): void {
  const { keyType, maxExpirationSeconds, credentialBundlePath, keyPath, certificateChainPath } = certificate;
  if (!KEY_TYPES.includes(keyType ?? '')) problems.notSupported(`${field}.keyType`, keyType, KEY_TYPES);
  if (maxExpirationSeconds !== undefined && maxExpirationSeconds < MIN_CERTIFICATE_SECONDS) problems.invalid(`${field}.maxExpirationSeconds`, maxExpirationSeconds, `if provided, maxExpirationSeconds must be >= ${MIN_CERTIFICATE_SECONDS}`);
  for (const [name, path] of Object.entries({ credentialBundlePath, keyPath, certificateChainPath })) if (path) checkFilePath(problems, `${field}.${name}`, path);
  if (!credentialBundlePath && !keyPath && !certificateChainPath) problems.required(field, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath');
}
