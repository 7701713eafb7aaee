import { applyDefaults } from '#api/defaults/index.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { resetFields } from '#api/apply/reset-fields.ts';
import { validateUpdate } from '#api/validation/index.ts';
import { statusWarningsOf, warningsOf } from '#api/warnings/index.ts';
import { withZeroValues } from '#api/zero-values.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict, invalid, plainError } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import type { Write } from '#store/object-store.ts';
import type { AdmissionRequest } from '../admission/plugin.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { isEqual, isNoOp } from '../storage/equality.ts';
import type { Decision } from '../storage/guaranteed-update.ts';
import { versionFault } from '../verbs/resource-version.ts';
import { afterAdmission } from './after-admission.ts';
import { withRecordOf, withSpec } from './prepare-create.ts';
import { releaseVersions } from './release-versions.ts';
import { strategyOf } from './strategies.ts';
import type { AnyObject, Strategy } from './strategy.ts';
import { withUniqueOwners } from './unique-owners.ts';

export interface UpdateInput {
  readonly resource: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly live: KubeObject;
  readonly updated: KubeObject;
  readonly context: WriteContext;
  /** Managed fields are in place already. */
  readonly isApplied?: boolean;
  /** How admission sees the write in another form, as a Scale: mutating admission has seen it, and validating admission sees what is written. */
  readonly shownAs?: (written: KubeObject) => Pick<AdmissionRequest, 'subresource' | 'object' | 'live'>;
}

/** What an update writes: only the part that the request may touch, checked, counted and tracked. @throws StatusError */
export async function prepareUpdate(env: Environment, input: UpdateInput): Promise<Decision> {
  const { resource, live, context, subresource } = input;
  const strategy = strategyOf(resource);
  requireSameObject(resource, input.updated, live, context);
  const sent = asSent(env, input);
  const written = record(env, input, takeParts(resource, subresource, withFixedMetadata(sent, live), live));
  const own = written instanceof Promise ? await written : written;
  const shown = withRecordOf(sent, own);
  const request = { operation: 'UPDATE', resource, subresource, namespace: live.metadata.namespace ?? '', name: live.metadata.name, object: shown, live, context } as const;
  const mutation = input.shownAs ? shown : env.admission.mutate(env, request);
  const mutated = afterAdmission(shown, mutation instanceof Promise ? await mutation : mutation, context);
  requireSameState(input, mutated);
  const isMutated = mutated !== shown;
  const admitted = await prepare(env, input, strategy, isMutated ? takeParts(resource, subresource, withFixedMetadata(mutated, live), live) : own);
  const faults = validateUpdate(resource, admitted, live, subresource, context.warn);
  const causes = strategy.validate ? [...faults, ...(await strategy.validate(admitted, live, env, subresource))] : faults;
  if (causes.length > 0) throw invalid(resource, admitted.metadata.name ?? '', causes);
  const counted = countGeneration(input, strategy, admitted === own ? admitted : withZeroValues(env.schema, resource.facts, admitted));
  for (const warning of warningsOn(input, counted, strategy)) context.warn(warning);
  const final = { ...request, object: counted };
  const check = env.admission.validate(env, input.shownAs ? { ...final, ...input.shownAs(counted) } : final);
  if (check instanceof Promise) await check;
  const reserved = reserve(env, strategy, final);
  const also = reserved instanceof Promise ? await reserved : reserved;
  return decide(strategy, counted, live, also);
}

/** What was sent, with defaults: mutating admission sees also what an update does not change, such as the status. */
function asSent(env: Environment, { resource, updated, context }: UpdateInput): KubeObject {
  const unique = context.isPatch ? updated : withUniqueOwners(updated, context, false);
  return applyDefaults(resource, withZeroValues(env.schema, resource.facts, withSpec(env, resource, unique)));
}

/** As at a creation, the client owns what it sent, not what admission and the kind's rules make of it. A promise where a webhook converts. */
function record(env: Environment, input: UpdateInput, sent: KubeObject): KubeObject | Promise<KubeObject> {
  const tracked = input.isApplied ? sent : track(env, input, sent);
  return input.resource.conversion?.convert === undefined ? tracked : releaseVersions(env, input.resource, input.live, tracked);
}

/** The kind's own rules come after what admission changes, and defaults after both. */
async function prepare(env: Environment, { resource, subresource, live, context }: UpdateInput, strategy: Strategy, object: KubeObject): Promise<KubeObject> {
  if (subresource !== '') return strategy.prepareSubresource?.(subresource, object, live, env) ?? object;
  const prepared = (await strategy.prepareUpdate?.(applyDefaults(resource, object), live, env, context)) ?? object;
  return applyDefaults(resource, prepared);
}

function warningsOn({ resource, subresource, live }: UpdateInput, counted: KubeObject, strategy: Strategy): readonly string[] {
  if (subresource === 'status') return statusWarningsOf(resource.facts, counted);
  if (subresource !== '') return [];
  return [...warningsOf(resource.facts, counted, { live, isCounted: counted.metadata.generation !== live.metadata.generation }), ...(strategy.warnings?.(counted, live) ?? [])];
}

/** The last finalizer that goes takes the object with it, and with that what it holds. */
function reserve(env: Environment, strategy: Strategy, request: AdmissionRequest): readonly Write[] | Promise<readonly Write[]> {
  const { object, ...rest } = request;
  return env.admission.reserve(env, object && isFinished(strategy, object) ? { ...rest, operation: 'DELETE' } : request);
}

function track(env: Environment, input: UpdateInput, updated: KubeObject): KubeObject {
  const { subresource } = input;
  return trackUpdate(env.schema, input.resource, {
    live: input.live, updated, manager: input.context.fieldManager, now: formatTime(env.clock.now()),
    ...(subresource === '' ? {} : { subresource }),
  });
}

function decide(strategy: Strategy, updated: KubeObject, live: KubeObject, also: readonly Write[]): Decision {
  // What takes the last finalizer away is answered, but not written: the object goes as it is stored.
  if (isFinished(strategy, updated)) return { type: 'remove', last: live, answer: updated, also };
  return isNoOp(updated, live) ? { type: 'keep', object: live, isUnchanged: true } : { type: 'put', object: updated, also };
}

/** Deletion was asked for, its time of grace is over, and the last finalizer is gone. */
export function isFinished(strategy: Strategy, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (deletionGracePeriodSeconds ?? 0) === 0 && (finalizers ?? []).length === 0 && !strategy.hasFinalizers?.(object);
}

/** An object that is sent whole names by its UID the one that it replaces; a patch must not change it, which validation tells. @throws StatusError Conflict */
export function requireSameObject(resource: ResourceType, { metadata: { uid } }: KubeObject, live: KubeObject, { isPatch }: WriteContext): void {
  if (isPatch || !uid || uid === live.metadata.uid) return;
  throw conflict(resource, live.metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`);
}

/** @throws StatusError Conflict for another version of the object, a plain error for what is no version */
export function requireSameVersion(resource: ResourceType, { metadata: { resourceVersion = '' } }: KubeObject, live: KubeObject): void {
  if (isUnversioned(resourceVersion) || resourceVersion === live.metadata.resourceVersion) return;
  const fault = versionFault(resourceVersion);
  throw fault === undefined ? conflict(resource, live.metadata.name) : plainError(fault);
}

const isUnversioned = (resourceVersion: string): boolean => resourceVersion === '' || resourceVersion === '0';

/** Asked when admission has changed what it wants, the version too. @throws StatusError Conflict, Invalid for a kind whose writers must say which version they replace */
function requireSameState({ resource, live, isApplied }: UpdateInput, updated: KubeObject): void {
  const { name, resourceVersion = '' } = updated.metadata;
  if (isApplied !== true && strategyOf(resource).requiresResourceVersion && isUnversioned(resourceVersion)) {
    throw invalid({ ...resource, kind: resource.plural }, name, [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message: 'Invalid value: 0: must be specified for an update' }]);
  }
  requireSameVersion(resource, updated, live);
}

/** Times and deletion are the server's; whoever says that an object is another or deleted which is not, or how long it has, is told by validation. */
function withFixedMetadata(updated: KubeObject, live: KubeObject): KubeObject {
  const { selfLink: _, generation: _n, ...given } = updated.metadata;
  const { uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = live.metadata;
  return {
    ...updated,
    metadata: compact({
      ...given, uid: given.uid || uid, resourceVersion, creationTimestamp, generation,
      deletionTimestamp: deletionTimestamp ?? given.deletionTimestamp, deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? deletionGracePeriodSeconds,
      managedFields: given.managedFields ?? live.metadata.managedFields,
    }),
  };
}

function compact<T extends object>(value: T): T {
  const present: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] !== undefined) present[key] = value[key];
  return present as T;
}

function takeParts(resource: ResourceType, subresource: string, updated: AnyObject, live: AnyObject): KubeObject {
  // An approval is a part of the status that has rights of its own.
  if (subresource === 'status' || subresource === 'approval') return withStatus({ ...live, metadata: statusMetadata(resource, updated, live) }, updated.status);
  const taken: AnyObject = strategyOf(resource).takeParts?.(subresource, updated, live) ?? updated;
  return resource.subresources.includes('status') ? withStatus(taken, live.status) : taken;
}

/** Undefined takes the status away. */
function withStatus(object: AnyObject, status: unknown): KubeObject {
  const { status: _, ...rest } = object;
  return (status === undefined ? rest : { ...object, status }) as KubeObject;
}

function statusMetadata(resource: ResourceType, updated: KubeObject, live: KubeObject): KubeObject['metadata'] {
  const { managedFields, labels, annotations, finalizers, ownerReferences, uid } = updated.metadata;
  const reset = resetFields(resource, 'status').flatMap(([part, name = part]) => (part === 'metadata' ? [name] : []));
  const given = reset.includes('metadata') ? {} : Object.fromEntries(Object.entries({ labels, annotations, finalizers, ownerReferences, uid }).filter(([name]) => !reset.includes(name)));
  const { managedFields: _, ...kept } = live.metadata;
  return compact({ ...kept, ...given, ...(managedFields ? { managedFields } : {}) });
}

/** Labels and annotations count where strategies say so, but not those that come with a status: controllers write them. */
function countGeneration({ resource, subresource, live }: UpdateInput, strategy: Strategy, updated: AnyObject): KubeObject {
  if (!strategy.hasGeneration) return updated;
  const counts = (part: 'labels' | 'annotations'): boolean => subresource === '' && !isEqual(updated.metadata[part] ?? {}, live.metadata[part] ?? {});
  const isChanged = (strategy.countsAll ? !isEqual(content(resource, updated), content(resource, live)) : !isEqual(updated.spec, (live as AnyObject).spec))
    || (strategy.annotationsBumpGeneration === true && counts('annotations')) || (strategy.labelsBumpGeneration === true && counts('labels'));
  return isChanged ? { ...updated, metadata: { ...updated.metadata, generation: (live.metadata.generation ?? 0) + 1 } } : updated;
}

/** What is counted of a custom resource. */
function content(resource: ResourceType, object: AnyObject): object {
  const { apiVersion: _v, kind: _k, metadata: _m, status, ...rest } = object;
  return resource.subresources.includes('status') || status === undefined ? rest : { ...rest, status };
}
