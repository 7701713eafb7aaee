import { immutable } from './object-meta.ts';
import { validateNodeSelector } from './node-selector.ts';
import type { Problems } from './problems.ts';
import { PERSISTENT_SOURCES, validateSources, type Source } from './volume-sources.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain } from '#api/names.ts';
import { tryParseQuantity, units } from '#api/quantity.ts';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const INLINE = 'in the context of inline volumes';

interface VolumeContext {
  readonly name: string;
  /** Stands in a VolumeAttachment and has no object of its own. */
  readonly isInline: boolean;
}

export const validateVolume = (problems: Problems, { metadata, spec }: PersistentVolume): void => validateVolumeSpec(problems, 'spec', spec ?? {}, { name: metadata.name, isInline: false });

export function validateVolumeSpec(problems: Problems, field: string, spec: PersistentVolumeSpec, { isInline }: VolumeContext): void {
  if (isInline) refuseInline(problems, field, spec);
  validateAccessModes(problems, `${field}.accessModes`, spec.accessModes ?? []);
  if (!isInline) validateOwn(problems, field, spec);
  validateSources(problems, field, spec as Source, PERSISTENT_SOURCES);
  if (spec.local !== undefined && spec.nodeAffinity === undefined) problems.required(`${field}.nodeAffinity`, 'Local volume requires node affinity');
  if (spec.hostPath !== undefined && /^\/+$/.test(spec.hostPath.path ?? '') && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    problems.forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'");
  }
  validateClasses(problems, field, spec);
}

/** No mode but one, or the one that no other goes with. */
export function validateAccessModes(problems: Problems, field: string, modes: readonly string[], detail = ''): void {
  if (modes.length === 0) problems.required(field, detail);
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) problems.notSupported(field, mode, ACCESS_MODES);
  const isMixed = modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode));
  if (isMixed) problems.forbidden(field, 'may not use ReadWriteOncePod with other access modes');
}

function refuseInline(problems: Problems, field: string, spec: PersistentVolumeSpec): void {
  for (const name of ['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const) {
    const value = spec[name];
    if (value !== undefined && value !== '' && Object.keys(value).length > 0) problems.forbidden(`${field}.${name}`, `may not be specified ${INLINE}`);
  }
  if (spec.csi === undefined) problems.required(`${field}.csi`, `has to be specified ${INLINE}`);
  if (spec.persistentVolumeReclaimPolicy && spec.persistentVolumeReclaimPolicy !== 'Retain') problems.forbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${INLINE}`);
  if (spec.volumeMode && spec.volumeMode !== 'Filesystem') problems.forbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${INLINE}`);
}

function validateOwn(problems: Problems, field: string, { capacity = {}, persistentVolumeReclaimPolicy: policy, nodeAffinity, storageClassName, volumeMode }: PersistentVolumeSpec): void {
  const names = Object.keys(capacity);
  if (names.length === 0) problems.required(`${field}.capacity`);
  if (names.length !== 1 || names[0] !== 'storage') problems.notSupported(`${field}.capacity`, capacity, ['storage']);
  for (const name of names) checkCapacity(problems, `${field}.capacity[${name}]`, String(capacity[name]));
  if (policy && !RECLAIM_POLICIES.includes(policy)) problems.notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, RECLAIM_POLICIES);
  if (nodeAffinity !== undefined) {
    if (nodeAffinity.required === undefined) problems.required(`${field}.nodeAffinity.required`, 'must specify required node constraints');
    else validateNodeSelector(problems, `${field}.nodeAffinity.required`, nodeAffinity.required);
  }
  if (storageClassName) problems.check(`${field}.storageClassName`, storageClassName, dns1123Subdomain);
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) problems.notSupported(`${field}.volumeMode`, volumeMode, VOLUME_MODES);
}

function checkCapacity(problems: Problems, field: string, text: string): void {
  const amount = tryParseQuantity(text);
  if (amount === undefined) return;
  if (amount.nanos < 0n) problems.invalid(field, units(amount), 'must be a valid resource quantity');
  if (amount.nanos <= 0n) problems.invalid(field, text, 'must be greater than zero');
}

function validateClasses(problems: Problems, field: string, { volumeAttributesClassName: name, csi }: PersistentVolumeSpec): void {
  if (name === undefined) return;
  if (name === '') problems.required(`${field}.volumeAttributesClassName`, 'an empty string is disallowed');
  else problems.check(`${field}.volumeAttributesClassName`, name, dns1123Subdomain);
  if (csi === undefined) problems.required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName');
}

export function validateVolumeUpdate(problems: Problems, { spec }: PersistentVolume, { spec: old }: PersistentVolume): void {
  if (!jsonEqual(sourceOf(spec, old), sourceOf(old, old))) problems.forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation');
  immutable(problems, 'volumeMode', spec?.volumeMode, old?.volumeMode);
  if (old?.nodeAffinity !== undefined && !jsonEqual(spec?.nodeAffinity ?? null, old.nodeAffinity)) {
    problems.invalid('nodeAffinity', spec?.nodeAffinity ?? null, 'field is immutable, except for updating from beta label to GA');
  }
  if (old?.volumeAttributesClassName !== undefined && spec?.volumeAttributesClassName === undefined) problems.forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden');
}

/** The source alone; the secret for growing it may be named later. */
function sourceOf(spec: PersistentVolumeSpec | undefined, old: PersistentVolumeSpec | undefined): object {
  const source = Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => PERSISTENT_SOURCES[name] !== undefined));
  const csi = spec?.csi;
  if (csi === undefined || old?.csi === undefined || old.csi.controllerExpandSecretRef !== undefined) return source;
  const { controllerExpandSecretRef: _, ...rest } = csi;
  return { ...source, csi: rest };
}
