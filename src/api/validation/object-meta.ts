import { ipAddressName } from './ip-ranges.ts';
import { validateManagedFields } from './managed-fields.ts';
import { IMMUTABLE, Problems } from './problems.ts';
import type { ObjectMeta, OwnerReference } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, labelValue, type NameCheck, pathSegmentName, prefixOf, qualifiedName } from '#api/names.ts';
import type { ResourceType } from '#api/resource-type.ts';

const MAX_ANNOTATION_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** By the type in the fact tables; all others are DNS subdomains. */
const NAME_RULES: Readonly<Record<string, NameCheck>> = {
  'core/v1.Service': dns1123Label,
  'core/v1.Namespace': dns1123Label,
  'apps/v1.StatefulSet': dns1123Label,
  'networking/v1.IPAddress': ipAddressName,
  'rbac/v1.Role': pathSegmentName,
  'rbac/v1.RoleBinding': pathSegmentName,
  'rbac/v1.ClusterRole': pathSegmentName,
  'rbac/v1.ClusterRoleBinding': pathSegmentName,
  'apiregistration/v1.APIService': pathSegmentName,
  // These have no rule of their own: events are named after objects of any kind.
  'core/v1.Event': pathSegmentName,
  'certificates/v1.CertificateSigningRequest': pathSegmentName,
  'policy/v1.PodDisruptionBudget': pathSegmentName,
};

export function validateObjectMeta(problems: Problems, resource: ResourceType, metadata: ObjectMeta, isNew: boolean): void {
  // What was made under a laxer rule must still lose its finalizers: its name cannot change.
  const nameRule = isNew ? NAME_RULES[resource.facts ?? ''] ?? dns1123Subdomain : pathSegmentName;
  validateMetadata(problems, metadata, { field: 'metadata', nameRule, namespaced: resource.namespaced, allowsPlainFinalizers: resource.custom !== undefined || EXTENSION_GROUPS.has(resource.group) });
}

/** The finalizer with which definitions wait for their objects has no path. */
const EXTENSION_GROUPS: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'admissionregistration.k8s.io', 'apiregistration.k8s.io']);

export interface MetadataRules {
  /** Path of the metadata. */
  readonly field: string;
  readonly nameRule: NameCheck;
  readonly namespaced: boolean;
  /** Custom resources may have finalizers without a domain, and get a warning; kinds that extend the API may have them too. */
  readonly allowsPlainFinalizers?: boolean;
}

/** The metadata of an object, or of one within an object. */
export function validateMetadata(problems: Problems, metadata: ObjectMeta, { field, nameRule, namespaced, allowsPlainFinalizers = false }: MetadataRules): void {
  validateName(problems, field, nameRule, metadata);
  validateNamespace(problems, `${field}.namespace`, namespaced, metadata.namespace);
  if ((metadata.generation ?? 0) < 0) problems.invalid(`${field}.generation`, metadata.generation, 'must be greater than or equal to 0');
  validateLabels(problems, `${field}.labels`, metadata.labels);
  validateAnnotations(problems, `${field}.annotations`, metadata.annotations);
  validateOwners(problems, `${field}.ownerReferences`, metadata.ownerReferences ?? []);
  const { finalizers = [], managedFields } = metadata;
  for (const finalizer of finalizers) problems.check(`${field}.finalizers`, finalizer, qualifiedName);
  if (managedFields !== undefined) validateManagedFields(problems, `${field}.managedFields`, managedFields);
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) problems.invalid(`${field}.finalizers`, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set');
  if (!allowsPlainFinalizers) for (const [i, finalizer] of finalizers.entries()) checkOwner(problems, `${field}.finalizers[${i}]`, finalizer);
}

export function validateObjectMetaUpdate(problems: Problems, metadata: ObjectMeta, old: ObjectMeta): void {
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    // A client that leaves out what the system sets means no change.
    const isLeftOut = (metadata[field] ?? '') === '' && field !== 'name';
    if (!isLeftOut && (metadata[field] ?? '') !== (old[field] ?? '')) problems.invalid(`metadata.${field}`, metadata[field], IMMUTABLE);
  }
  const added = (metadata.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (old.deletionTimestamp && added.length > 0) {
    const list = added.toSorted().map((finalizer) => JSON.stringify(finalizer)).join(', ');
    problems.forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`);
  }
}

function validateName(problems: Problems, field: string, rule: NameCheck, { name, generateName }: ObjectMeta): void {
  if (generateName) problems.check(`${field}.generateName`, generateName, prefixOf(rule));
  if (name) problems.check(`${field}.name`, name, rule);
  else if (!generateName) problems.required(`${field}.name`, 'name or generateName is required');
}

function validateNamespace(problems: Problems, field: string, namespaced: boolean, namespace: string | undefined): void {
  if (!namespaced) {
    if (namespace) problems.forbidden(field, 'not allowed on this type');
  } else problems.checkRequired(field, namespace, dns1123Label);
}

export function validateLabels(problems: Problems, field: string, labels: Readonly<Record<string, string>> | undefined): void {
  for (const key in labels) {
    problems.check(field, key, qualifiedName);
    problems.check(field, labels[key] ?? '', labelValue);
  }
}

export function validateAnnotations(problems: Problems, field: string, annotations: Readonly<Record<string, string>> | undefined): void {
  let size = 0;
  for (const key in annotations) {
    problems.check(field, key, (text) => qualifiedName(text.toLowerCase()));
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
  }
  if (size > MAX_ANNOTATION_BYTES) problems.tooLong(field, MAX_ANNOTATION_BYTES);
}

function validateOwners(problems: Problems, field: string, owners: readonly OwnerReference[]): void {
  let first: string | undefined;
  for (const owner of owners) {
    // What is no group and version has no version either.
    if (!/^(?:[^/]*\/)?[^/]+$/.test(owner.apiVersion ?? '')) problems.invalid(`${field}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty');
    for (const name of ['kind', 'name', 'uid'] as const) if (!owner[name]) problems.invalid(`${field}.${name}`, owner[name] ?? '', 'must not be empty');
    // Events come in masses: they own nothing.
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') problems.invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner');
    if (owner.controller !== true) continue;
    const controller = `${owner.kind}/${owner.name}`;
    if (first === undefined) first = controller;
    else problems.invalid(field, owners, `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${controller}`);
  }
}

export function validateFinalizer(problems: Problems, field: string, finalizer: string): void {
  problems.check(field, finalizer, qualifiedName);
  checkOwner(problems, field, finalizer);
}

/** Whose finalizer it is: Kubernetes' own, or that of a domain. */
function checkOwner(problems: Problems, field: string, finalizer: string): void {
  if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
    problems.invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
  }
}

/** What Kubernetes warns of in finalizers that a custom resource gets. */
export function finalizerWarnings(metadata: ObjectMeta, old: ObjectMeta | undefined): readonly string[] {
  const added = (metadata.finalizers ?? []).filter((finalizer) => !finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer) && !old?.finalizers?.includes(finalizer));
  return added.map((finalizer) => `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name${finalizer.includes('.') ? ' including a path (/)' : ''} to avoid accidental conflicts with other finalizer writers`);
}

/** Reports a change of a part that may not change. */
export function immutable(problems: Problems, field: string, value: unknown, old: unknown, why = IMMUTABLE): void {
  if (!jsonEqual(value ?? null, old ?? null)) problems.invalid(field, value ?? null, why);
}
