import { immutable } from './object-meta.ts';
import { validateAccessModes, VOLUME_MODES } from './persistent-volume.ts';
import type { Problems } from './problems.ts';
import { checkAmount } from './resource-names.ts';
import { validateSelector } from './selector.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';
import { compare, parseQuantity } from '#api/quantity.ts';

const RESIZE_STATES = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'];
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
type DataSource = NonNullable<PersistentVolumeClaimSpec['dataSourceRef']>;

export const validateClaim = (problems: Problems, { spec }: PersistentVolumeClaim): void => validateClaimSpec(problems, 'spec', spec ?? {});

export function validateClaimSpec(problems: Problems, field: string, spec: PersistentVolumeClaimSpec): void {
  validateAccessModes(problems, `${field}.accessModes`, spec.accessModes ?? [], 'at least 1 access mode is required');
  validateSelector(problems, `${field}.selector`, spec.selector);
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) problems.required(`${field}.resources[storage]`);
  else if (parseQuantity(storage).nanos <= 0n) problems.invalid(`${field}.resources[storage]`, storage, 'must be greater than zero');
  else checkAmount(problems, `${field}.resources[storage]`, 'storage', storage);
  if (spec.storageClassName) problems.check(`${field}.storageClassName`, spec.storageClassName, dns1123Subdomain);
  if (spec.volumeMode !== undefined && !VOLUME_MODES.includes(spec.volumeMode)) problems.notSupported(`${field}.volumeMode`, spec.volumeMode, VOLUME_MODES);
  validateDataSources(problems, field, spec);
  if (spec.volumeAttributesClassName) problems.check(`${field}.volumeAttributesClassName`, spec.volumeAttributesClassName, dns1123Subdomain);
}

function validateDataSources(problems: Problems, field: string, { dataSource, dataSourceRef }: PersistentVolumeClaimSpec): void {
  if (dataSource !== undefined) validateDataSource(problems, `${field}.dataSource`, dataSource);
  if (dataSourceRef === undefined) return;
  validateDataSource(problems, `${field}.dataSourceRef`, dataSourceRef);
  if (dataSourceRef.namespace) problems.check(`${field}.dataSourceRef.namespace`, dataSourceRef.namespace, dns1123Label);
  if (dataSource === undefined) return;
  if (dataSourceRef.namespace) problems.invalid(field, `${field}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified');
  else if ((['apiGroup', 'kind', 'name'] as const).some((name) => dataSource[name] !== dataSourceRef[name])) problems.invalid(field, `${field}.dataSource`, 'must match dataSourceRef');
}

function validateDataSource(problems: Problems, field: string, { apiGroup, kind, name }: DataSource): void {
  if (!name) problems.required(`${field}.name`);
  if (!kind) problems.required(`${field}.kind`);
  if (apiGroup) problems.check(`${field}.apiGroup`, apiGroup, dns1123Subdomain);
  else if (kind !== 'PersistentVolumeClaim') problems.invalid(field, kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
}

export function validateClaimUpdate(problems: Problems, claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const isBound = claim.status?.phase === 'Bound';
  const [was, now] = [old.metadata.annotations?.[CLASS_ANNOTATION], claim.metadata.annotations?.[CLASS_ANNOTATION]];
  const movesToField = was !== undefined && old.spec?.storageClassName === undefined && claim.spec?.storageClassName === was && (now === undefined || now === was);
  if (!movesToField && now !== was) problems.invalid(`metadata.annotations.${CLASS_ANNOTATION}`, now ?? '', 'field is immutable');
  if (!jsonEqual(fixedPart(claim.spec, old.spec, isBound), fixedPart(old.spec, old.spec, isBound))) {
    problems.forbidden('spec', 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims');
  }
  checkSize(problems, claim, old);
  immutable(problems, 'volumeMode', claim.spec?.volumeMode, old.spec?.volumeMode);
  const [attributes, applied] = [claim.spec?.volumeAttributesClassName, old.status?.currentVolumeAttributesClassName];
  if (applied === undefined || attributes === old.spec?.volumeAttributesClassName || attributes) return;
  problems.forbidden('spec.volumeAttributesClassName', `update to ${attributes === undefined ? 'nil' : 'empty string'} is forbidden when status.currentVolumeAttributesClassName is not nil`);
}

/** What may not change: the binder names the volume once, a class may be named late, and a bound claim may ask for more. */
function fixedPart(spec: PersistentVolumeClaimSpec | undefined, old: PersistentVolumeClaimSpec | undefined, isBound: boolean): object {
  const { resources, volumeAttributesClassName, volumeName, storageClassName, ...rest } = spec ?? {};
  const { storage: _, ...requests } = resources?.requests ?? {};
  return {
    ...rest,
    ...(old?.volumeName ? { volumeName } : {}),
    ...(old?.storageClassName === undefined ? {} : { storageClassName }),
    ...(isBound ? { resources: { ...resources, requests } } : { resources, volumeAttributesClassName }),
  };
}

/** A claim that could not grow may ask for less again, but never for less than it has. */
function checkSize(problems: Problems, claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const [size, before, has] = [claim.spec?.resources?.requests?.['storage'], old.spec?.resources?.requests?.['storage'], old.status?.capacity?.['storage']];
  if (size === undefined || before === undefined || compare(parseQuantity(size), parseQuantity(before)) >= 0) return;
  if (compare(parseQuantity(size), parseQuantity(has ?? 0)) <= 0) problems.forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity');
}

export function validateClaimStatus(problems: Problems, { status }: PersistentVolumeClaim): void {
  for (const [name, amount] of Object.entries(status?.capacity ?? {})) {
    if (parseQuantity(amount).nanos < 0n) problems.invalid(`status.capacity[${name}]`, Number(amount), 'must be a valid resource quantity');
  }
  for (const [name, state] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    if (!RESIZE_STATES.includes(state)) problems.notSupported('status.allocatedResourceStatuses', name, RESIZE_STATES);
  }
  for (const [name, amount] of Object.entries(status?.allocatedResources ?? {})) checkAmount(problems, `status.allocatedResources[${name}]`, 'storage', amount);
}
