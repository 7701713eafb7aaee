import { posix } from 'node:path';
import { immutable } from './object-meta.ts';
import { goForm, VOLUME_AFFINITY } from './go-form.ts';
import { hasWrongValues, validateNodeSelector } from './node-selector.ts';
import type { Problems } from './problems.ts';
import { ISCSI_NAME_TOO_LONG, isIscsiNameTooLong, PERSISTENT_SOURCES, validateSources, type Source } from './volume-sources.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain } from '#api/names.ts';
import { tryParseQuantity, units } from '#api/quantity.ts';

export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];
const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const NAMES_TODAY: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os', 'beta.kubernetes.io/arch': 'kubernetes.io/arch', 'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};
const INLINE = 'in the context of inline volumes';

interface VolumeContext {
  readonly name: string;
  /** Stands in a VolumeAttachment and has no object of its own. */
  readonly isInline: boolean;
  /** Values that no label can have stood there before, and may stay. */
  readonly takesWrongValues?: boolean;
}

export function validateVolume(problems: Problems, { metadata, spec }: PersistentVolume, old: PersistentVolume | undefined): void {
  const takesWrongValues = hasWrongValues(old?.spec?.nodeAffinity?.required);
  validateVolumeSpec(problems, 'spec', spec ?? {}, { name: metadata.name ?? '', isInline: false, takesWrongValues });
}

export function validateVolumeSpec(problems: Problems, field: string, spec: PersistentVolumeSpec, context: VolumeContext): void {
  const { name, isInline } = context;
  if (isInline) refuseInline(problems, field, spec);
  validateAccessModes(problems, `${field}.accessModes`, spec.accessModes ?? []);
  if (!isInline) validateOwn(problems, field, spec, context);
  validateSources(problems, field, spec as Source, PERSISTENT_SOURCES);
  if (isIscsiNameTooLong(name, spec.iscsi)) problems.invalid(`${field}.iscsi.targetportal`, spec.iscsi?.targetPortal ?? '', ISCSI_NAME_TOO_LONG);
  if (spec.local !== undefined && spec.nodeAffinity === undefined) problems.required(`${field}.nodeAffinity`, 'Local volume requires node affinity');
  if (spec.hostPath !== undefined && posix.normalize(spec.hostPath.path ?? '') === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
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

function validateOwn(problems: Problems, field: string, spec: PersistentVolumeSpec, { takesWrongValues = false }: VolumeContext): void {
  const { capacity, persistentVolumeReclaimPolicy: policy, nodeAffinity, storageClassName, volumeMode } = spec;
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) problems.required(`${field}.capacity`);
  if (names.length !== 1 || names[0] !== 'storage') problems.notSupported(`${field}.capacity`, capacity ?? null, ['storage']);
  for (const name of names) checkCapacity(problems, `${field}.capacity[${name}]`, String(capacity?.[name]));
  if (policy && !RECLAIM_POLICIES.includes(policy)) problems.notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, RECLAIM_POLICIES);
  if (nodeAffinity !== undefined) {
    if (nodeAffinity.required === undefined) problems.required(`${field}.nodeAffinity.required`, 'must specify required node constraints');
    else validateNodeSelector(problems, `${field}.nodeAffinity.required`, nodeAffinity.required, !takesWrongValues);
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
  if (old?.nodeAffinity !== undefined && !isSameAffinity(spec?.nodeAffinity, old.nodeAffinity)) {
    problems.invalid('nodeAffinity', goForm(spec?.nodeAffinity, VOLUME_AFFINITY), 'field is immutable, except for updating from beta label to GA');
  }
  if (old?.volumeAttributesClassName !== undefined && spec?.volumeAttributesClassName === undefined) problems.forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden');
}

function isSameAffinity(now: VolumeNodeAffinity | undefined, old: VolumeNodeAffinity): boolean {
  const [terms, before] = [now, old].map((affinity) => affinity?.required?.nodeSelectorTerms ?? []);
  return now !== undefined && terms?.length === before?.length && (terms ?? []).every((term, i) => (['matchExpressions', 'matchFields'] as const).every((list) => isSameList(term[list], before?.[i]?.[list])));
}

/** A label may be named anew, by the name that it has today. */
function isSameList(now: NodeSelectorTerm['matchFields'] = [], old: NodeSelectorTerm['matchFields'] = []): boolean {
  const renamed = (before: NodeSelectorRequirement, key: string): NodeSelectorRequirement => (NAMES_TODAY[before.key] === key ? { ...before, key } : before);
  return now.length === old.length && now.every((requirement, i) => old[i] !== undefined && jsonEqual(requirement, renamed(old[i], requirement.key)));
}

/** The source alone; the secret for growing it may be named later. */
function sourceOf(spec: PersistentVolumeSpec | undefined, old: PersistentVolumeSpec | undefined): object {
  const source = Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => PERSISTENT_SOURCES[name] !== undefined));
  const csi = spec?.csi;
  if (csi === undefined || old?.csi === undefined || old.csi.controllerExpandSecretRef !== undefined) return source;
  const { controllerExpandSecretRef: _, ...rest } = csi;
  return { ...source, csi: rest };
}
