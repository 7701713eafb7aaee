import { immutable } from './object-meta.ts';
import { validateAccessModes, VOLUME_MODES } from './persistent-volume.ts';
import type { Problems } from './problems.ts';
import { checkAmount, isNative } from './resource-names.ts';
import { validateSelector } from './selector.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '#api/names.ts';
import { compare, parseQuantity, units } from '#api/quantity.ts';

const RESIZE_STATES = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
type DataSource = NonNullable<PersistentVolumeClaimSpec['dataSourceRef']>;

export function validateClaim(problems: Problems, { spec }: PersistentVolumeClaim, old: PersistentVolumeClaim | undefined): void {
  const takesAnyGroup = (['dataSource', 'dataSourceRef'] as const).some((name) => old?.spec?.[name]?.apiGroup !== undefined);
  validateClaimSpec(problems, 'spec', spec ?? {}, takesAnyGroup);
}

/** `takesAnyGroup`: groups of sources were not always checked, and one that is there may stay. */
export function validateClaimSpec(problems: Problems, field: string, spec: PersistentVolumeClaimSpec, takesAnyGroup = false): void {
  validateAccessModes(problems, `${field}.accessModes`, spec.accessModes ?? [], 'at least 1 access mode is required');
  validateSelector(problems, `${field}.selector`, spec.selector);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) problems.required(`${field}.resources[storage]`);
  else if (parseQuantity(storage).nanos <= 0n) problems.invalid(`${field}.resources[storage]`, storage, 'must be greater than zero');
  else checkAmount(problems, `${field}.resources[storage]`, 'storage', storage);
  if (spec.storageClassName) problems.check(`${field}.storageClassName`, spec.storageClassName, dns1123Subdomain);
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) problems.notSupported(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES);
  validateDataSources(problems, field, spec, takesAnyGroup);
  if (spec.volumeAttributesClassName) problems.check(`${field}.volumeAttributesClassName`, spec.volumeAttributesClassName, dns1123Subdomain);
}

function validateDataSources(problems: Problems, field: string, { dataSource, dataSourceRef }: PersistentVolumeClaimSpec, takesAnyGroup: boolean): void {
  if (dataSource !== undefined) validateDataSource(problems, `${field}.dataSource`, dataSource, takesAnyGroup);
  if (dataSourceRef === undefined) return;
  validateDataSource(problems, `${field}.dataSourceRef`, dataSourceRef, takesAnyGroup);
  if (dataSourceRef.namespace) problems.check(`${field}.dataSourceRef.namespace`, dataSourceRef.namespace, dns1123Label);
  if (dataSource === undefined) return;
  // Kubernetes shows the path of the field for its value, of which JSON has nothing.
  if (dataSourceRef.namespace) problems.invalid(field, {}, 'may not be specified when dataSourceRef.namespace is specified');
  else if ((['apiGroup', 'kind', 'name'] as const).some((name) => dataSource[name] !== dataSourceRef[name])) problems.invalid(field, {}, 'must match dataSourceRef');
}

function validateDataSource(problems: Problems, field: string, { apiGroup, kind, name }: DataSource, takesAnyGroup: boolean): void {
  if (!name) problems.required(`${field}.name`);
  if (!kind) problems.required(`${field}.kind`);
  if (apiGroup) problems.check(`${field}.apiGroup`, apiGroup, takesAnyGroup ? () => [] : dns1123Subdomain);
  else if (kind !== 'PersistentVolumeClaim') problems.invalid(field, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
}

export function validateClaimUpdate(problems: Problems, claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const isBound = claim.status?.phase === 'Bound';
  const [was, now] = [old.metadata.annotations?.[CLASS_ANNOTATION], claim.metadata.annotations?.[CLASS_ANNOTATION]];
  const movesToField = was !== undefined && old.spec?.storageClassName === undefined && claim.spec?.storageClassName === was && (now === undefined || now === was);
  if (!movesToField && now !== was) problems.invalid(`metadata.annotations.${CLASS_ANNOTATION}`, now ?? '', 'field is immutable');
  const isNamed = claim.spec?.storageClassName !== undefined && (movesToField || was === undefined || claim.spec.storageClassName === was);
  const mayName = { isBound, mayNameClass: old.spec?.storageClassName === undefined && isNamed };
  if (!jsonEqual(fixedPart(claim.spec, old.spec, mayName), fixedPart(old.spec, old.spec, mayName))) {
    problems.forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims');
  }
  checkSize(problems, claim, old);
  immutable(problems, 'volumeMode', claim.spec?.volumeMode, old.spec?.volumeMode);
  const [attributes, applied] = [claim.spec?.volumeAttributesClassName, old.status?.currentVolumeAttributesClassName];
  if (applied === undefined || attributes === old.spec?.volumeAttributesClassName || attributes) return;
  problems.forbidden('spec.volumeAttributesClassName', `update to ${attributes === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`);
}

/** What may not change: the binder names the volume once, a class may be named late, and a bound claim may ask for more. */
function fixedPart(spec: PersistentVolumeClaimSpec | undefined, old: PersistentVolumeClaimSpec | undefined, { isBound, mayNameClass }: { readonly isBound: boolean; readonly mayNameClass: boolean }): object {
  const { resources, volumeAttributesClassName, volumeName, storageClassName, ...rest } = spec ?? {};
  const { storage: _, ...requests } = resources?.requests ?? {};
  return {
    ...rest,
    ...(old?.volumeName ? { volumeName } : {}),
    ...(mayNameClass ? {} : { storageClassName: storageClassName ?? null }),
    ...(isBound ? { resources: { ...resources, requests } } : { resources, volumeAttributesClassName }),
  };
}

/** A claim that could not grow may ask for less again, but never for less than it has. */
function checkSize(problems: Problems, claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const [size, before, has] = [claim.spec?.resources?.requests?.['storage'], old.spec?.resources?.requests?.['storage'], old.status?.capacity?.['storage']];
  if (size === undefined || before === undefined || compare(parseQuantity(size), parseQuantity(before)) >= 0) return;
  if (compare(parseQuantity(size), parseQuantity(has ?? 0)) <= 0) problems.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity');
}

export function validateClaimStatus(problems: Problems, { spec, status }: PersistentVolumeClaim): void {
  if ((spec?.accessModes ?? []).length === 0) problems.required('Spec.accessModes');
  for (const [name, amount] of Object.entries(status?.capacity ?? {})) {
    if (parseQuantity(amount).nanos < 0n) problems.invalid(`status.capacity[${name}]`, units(parseQuantity(amount)), 'must be a valid resource quantity');
  }
  for (const [name, state] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    checkAllocatedName(problems, 'status.allocatedResourceStatuses', name);
    if (!RESIZE_STATES.includes(state)) problems.notSupported('status.allocatedResourceStatuses', name, RESIZE_STATES);
  }
  for (const [name, amount] of Object.entries(status?.allocatedResources ?? {})) {
    if (!checkAllocatedName(problems, 'status.allocatedResources', name)) continue;
    if (parseQuantity(amount).nanos < 0n) problems.invalid(`status.allocatedResources[${name}]`, units(parseQuantity(amount)), 'must be a valid resource quantity');
    else checkAmount(problems, `status.allocatedResources[${name}]`, 'storage', amount);
  }
}

/** Of Kubernetes' own resources a claim has the storage alone; a driver may have others. False when the name is wrong. */
function checkAllocatedName(problems: Problems, field: string, name: string): boolean {
  const messages = qualifiedName(name);
  for (const message of messages) problems.invalid(field, name, message);
  const isUnknown = messages.length === 0 && isNative(name) && name !== 'storage';
  if (isUnknown) problems.notSupported(field, name, ['storage']);
  return messages.length === 0 && !isUnknown;
}
