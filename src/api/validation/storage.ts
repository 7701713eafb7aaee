import { checkDriverName } from './names.ts';
import { immutable } from './object-meta.ts';
import { validateVolumeSpec } from './persistent-volume.ts';
import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import type { TopologySelectorTerm } from '#api/generated/core/v1.ts';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment, VolumeError } from '#api/generated/storage/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain, qualifiedName } from '#api/names.ts';
import { tryParseQuantity } from '#api/quantity.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;
const MAX_ATTACHMENT_BYTES = 256 * 1024;
const MAX_ERROR_BYTES = 1024;
const MAX_NODE_ID = 256;
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const MIN_UPDATE_SECONDS = 10;

export function validateStorageClass(problems: Problems, storage: StorageClass): void {
  const { provisioner, reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = storage;
  checkProvisioner(problems, 'provisioner', provisioner);
  checkParameters(problems, 'parameters', storage.parameters ?? {});
  if (reclaimPolicy && !['Delete', 'Retain'].includes(reclaimPolicy)) problems.notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']);
  problems.oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
  for (const [i, term] of allowedTopologies.entries()) validateTopology(problems, `allowedTopologies[${i}].matchLabelExpressions`, term, allowedTopologies.slice(0, i));
}

/** Its letters count as small ones. */
export function checkProvisioner(problems: Problems, field: string, name: string | undefined): void {
  problems.checkRequired(field, name?.toLowerCase(), qualifiedName);
}

function validateTopology(problems: Problems, field: string, term: TopologySelectorTerm, before: readonly TopologySelectorTerm[]): void {
  const expressions = term.matchLabelExpressions ?? [];
  const keys = new Set<string>();
  for (const [i, { key, values = [] }] of expressions.entries()) {
    if (values.length === 0) problems.required(`${field}[${i}].values`);
    problems.unique((j) => `${field}[${i}].values[${j}]`, values);
    problems.check(`${field}[${i}].key`, key, qualifiedName);
    if (keys.has(key)) problems.duplicate(`${field}[${i}].key`, key);
    keys.add(key);
  }
  // A term that says nothing counts as a duplicate by itself.
  if (expressions.length === 0 || before.some((other) => jsonEqual(canonical(other), canonical(term)))) problems.duplicate(field, '');
}

const canonical = (term: TopologySelectorTerm): object => Object.fromEntries((term.matchLabelExpressions ?? []).map(({ key, values }) => [key, (values ?? []).toSorted()]));

export function checkParameters(problems: Problems, field: string, parameters: Readonly<Record<string, string>>): void {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_PARAMETERS) return problems.tooLong(field, MAX_PARAMETERS);
  if (entries.some(([key]) => key === '')) problems.invalid(field, '', 'field can not be empty.');
  if (bytesOf(parameters) > MAX_PARAMETER_BYTES) problems.tooLong(field, MAX_PARAMETER_BYTES);
}
const bytesOf = (map: Readonly<Record<string, string>>): number => Object.entries(map).reduce((bytes, [key, value]) => bytes + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

export function validateStorageClassUpdate(problems: Problems, now: StorageClass, old: StorageClass): void {
  if (!jsonEqual(now.parameters ?? {}, old.parameters ?? {})) immutable(problems, 'parameters', now.parameters, old.parameters);
  for (const name of ['provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const) immutable(problems, name, now[name], old[name]);
}

export function validateVolumeAttachment(problems: Problems, { spec }: VolumeAttachment): void {
  const { attacher, nodeName = '', source } = spec ?? {};
  if (!attacher) problems.required('spec.attacher');
  const [volume, inline] = [source?.persistentVolumeName, source?.inlineVolumeSpec];
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (volume === undefined && inline === undefined) problems.required('spec.source', one);
  else if (volume !== undefined && inline !== undefined) problems.forbidden('spec.source', one);
  else if (volume === '') problems.required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName');
  else if (inline !== undefined) validateVolumeSpec(problems, 'spec.source.inlineVolumeSpec', inline, { name: '', isInline: true });
  problems.check('spec.nodeName', nodeName, dns1123Subdomain);
}

/** What was allowed in older versions stays allowed in updates. */
export function validateVolumeAttachmentCreate(problems: Problems, { spec }: VolumeAttachment): void {
  if (spec?.attacher) checkDriverName(problems, 'spec.attacher', spec.attacher);
  if (spec?.source?.persistentVolumeName !== undefined) problems.check('spec.source.persistentVolumeName', spec.source.persistentVolumeName, dns1123Subdomain);
}

export const validateVolumeAttachmentUpdate = (problems: Problems, { spec }: VolumeAttachment, { spec: old }: VolumeAttachment): void => immutable(problems, 'spec', spec, old);

export function validateVolumeAttachmentStatus(problems: Problems, { status }: VolumeAttachment): void {
  if (bytesOf(status?.attachmentMetadata ?? {}) > MAX_ATTACHMENT_BYTES) problems.tooLong('status.attachmentMetadata', MAX_ATTACHMENT_BYTES);
  validateVolumeError(problems, 'status.attachError', status?.attachError);
  validateVolumeError(problems, 'status.detachError', status?.detachError);
}

function validateVolumeError(problems: Problems, field: string, error: VolumeError | undefined): void {
  if (Buffer.byteLength(error?.message ?? '') > MAX_ERROR_BYTES) problems.tooLong(`${field}.message`, MAX_ERROR_BYTES);
  problems.between(`${field}.errorCode`, error?.errorCode, 0, 2 ** 31 - 1);
}

export function validateCsiNode(problems: Problems, { spec }: CSINode): void {
  const drivers = spec?.drivers ?? [];
  for (const [i, { name, nodeID = '', allocatable, topologyKeys = [] }] of drivers.entries()) {
    const field = `spec.drivers[${i}]`;
    checkDriverName(problems, `${field}.name`, name);
    if (nodeID === '') problems.required(`${field}.nodeID`);
    if (nodeID.length > MAX_NODE_ID) problems.invalid(`${field}.nodeID`, nodeID, `must be ${MAX_NODE_ID} characters or less`);
    problems.atLeast(`${field}.allocatable.count`, allocatable?.count, 0);
    for (const key of topologyKeys) {
      if (key === '') problems.required(field);
      problems.check(field, key, qualifiedName);
    }
    problems.unique(() => field, topologyKeys);
  }
  problems.unique((i) => `spec.drivers[${i}].name`, drivers.map(({ name }) => name));
}

/** How many volumes a node takes may change; the rest of a driver may not. */
export function validateCsiNodeUpdate(problems: Problems, { spec }: CSINode, { spec: old }: CSINode): void {
  for (const before of old?.drivers ?? []) {
    const driver = spec?.drivers?.find(({ name }) => name === before.name);
    if (driver === undefined) continue;
    const [{ allocatable: _now, ...now }, { allocatable: _was, ...was }] = [driver, before];
    immutable(problems, 'spec.drivers', now, was);
  }
}

export function validateCsiDriver(problems: Problems, { spec }: CSIDriver): void {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds: seconds, serviceAccountTokenInSecrets } = spec ?? {};
  if (fsGroupPolicy !== undefined && !['File', 'None', 'ReadWriteOnceWithFSType'].includes(fsGroupPolicy)) problems.notSupported('spec.fsGroupPolicy', fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']);
  const audiences = new Set<string>();
  for (const [i, { audience, expirationSeconds }] of tokenRequests.entries()) {
    const field = `spec.tokenRequests[${i}]`;
    if (audiences.has(audience)) {
      problems.duplicate(`${field}.audience`, audience);
      continue;
    }
    audiences.add(audience);
    if (expirationSeconds !== undefined && expirationSeconds < MIN_TOKEN_SECONDS) problems.invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes');
    if (expirationSeconds !== undefined && expirationSeconds > MAX_TOKEN_SECONDS) problems.invalid(`${field}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds');
  }
  for (const mode of volumeLifecycleModes) if (!['Persistent', 'Ephemeral'].includes(mode)) problems.notSupported('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']);
  if (seconds !== undefined && seconds < MIN_UPDATE_SECONDS) problems.invalid('spec.nodeAllocatableUpdatePeriodSeconds', seconds, 'must be greater than or equal to 10 seconds');
  if (serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0) problems.invalid('spec.serviceAccountTokenInSecrets', serviceAccountTokenInSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified');
}

export function validateCsiDriverUpdate(problems: Problems, { spec }: CSIDriver, { spec: old }: CSIDriver): void {
  immutable(problems, 'spec.attachedRequired', spec?.attachRequired, old?.attachRequired);
  immutable(problems, 'spec.volumeLifecycleModes', spec?.volumeLifecycleModes, old?.volumeLifecycleModes);
}

export function validateCsiCapacity(problems: Problems, { nodeTopology, storageClassName = '', capacity }: CSIStorageCapacity): void {
  validateSelector(problems, 'nodeTopology', nodeTopology);
  problems.check('storageClassName', storageClassName, dns1123Subdomain);
  if (capacity !== undefined && (tryParseQuantity(capacity)?.nanos ?? 0n) < 0n) problems.invalid('capacity', capacity, 'must be greater than or equal to 0');
}

export function validateCsiCapacityUpdate(problems: Problems, now: CSIStorageCapacity, old: CSIStorageCapacity): void {
  immutable(problems, 'nodeTopology', now.nodeTopology, old.nodeTopology);
  immutable(problems, 'storageClassName', now.storageClassName, old.storageClassName);
}
