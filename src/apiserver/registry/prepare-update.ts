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
import { withSpec } from './prepare-create.ts';
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
  /** Admission has seen the write in another form, as a Scale. */
  readonly isAdmitted?: boolean;
  /** The subresource under which the manager's fields are recorded, where the write itself is one of the object: `scale`. */
  readonly recordedAs?: string;
}

/** What an update writes: only the part that the request may touch, checked, counted and tracked. @throws StatusError */
export async function prepareUpdate(env: Environment, input: UpdateInput): Promise<Decision> {
  const { resource, live, context, subresource } = input;
  const strategy = strategyOf(resource);
  const fixed = withFixedMetadata(resource, context.isPatch ? input.updated : withUniqueOwners(input.updated, context, false), live, context);
  const parted = takeParts(resource, subresource, subresource === '' ? withSpec(env, resource, fixed) : fixed, live);
  const whole = withZeroValues(env.schema, resource.facts, parted);
  const tracked = record(env, input, applyDefaults(resource, whole));
  const sent = tracked instanceof Promise ? await tracked : tracked;
  const request = { operation: 'UPDATE', resource, subresource, namespace: live.metadata.namespace ?? '', name: live.metadata.name, object: sent, live, context } as const;
  const mutation = input.isAdmitted ? sent : env.admission.mutate(env, request);
  const mutated = afterAdmission(sent, mutation instanceof Promise ? await mutation : mutation, context);
  if (mutated.metadata.resourceVersion !== sent.metadata.resourceVersion) requireSameState(resource, mutated, live, context);
  const admitted = await prepare(env, input, strategy, mutated === sent ? sent : takeParts(resource, subresource, mutated, live));
  const faults = validateUpdate(resource, admitted, live, subresource, context.warn);
  const causes = strategy.validate ? [...faults, ...(await strategy.validate(admitted, live, env, subresource))] : faults;
  if (causes.length > 0) throw invalid(resource, live.metadata.name, causes);
  const counted = countGeneration(input, strategy, admitted === sent ? admitted : withZeroValues(env.schema, resource.facts, admitted));
  for (const warning of warningsOn(input, counted, strategy)) context.warn(warning);
  const final = { ...request, object: counted };
  const check = input.isAdmitted ? undefined : env.admission.validate(env, final);
  if (check instanceof Promise) await check;
  const reserved = reserve(env, strategy, final);
  const also = reserved instanceof Promise ? await reserved : reserved;
  return decide(strategy, counted, live, also);
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
  const subresource = input.recordedAs ?? input.subresource;
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

/** A resourceVersion that differs is a conflict (one that is no number a plain error), as is the UID of an object that is sent whole. @throws StatusError Conflict, Invalid */
export function requireSameState(resource: ResourceType, updated: KubeObject, live: KubeObject, { isPatch }: WriteContext): void {
  const { uid, resourceVersion } = updated.metadata;
  const name = live.metadata.name;
  if (uid !== undefined && uid !== '' && uid !== live.metadata.uid) {
    if (isPatch) throw invalid(resource, name, [{ reason: 'FieldValueInvalid', field: 'metadata.uid', message: `Invalid value: ${JSON.stringify(uid)}: field is immutable` }]);
    throw conflict(resource, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid ?? ''}`);
  }
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0' || resourceVersion === live.metadata.resourceVersion) return;
  const fault = versionFault(resourceVersion);
  throw fault === undefined ? conflict(resource, name) : plainError(fault);
}

/** Identity, times and deletion are the server's; whoever says that an object is deleted which is not, or how long it has, is told by validation. */
function withFixedMetadata(resource: ResourceType, updated: KubeObject, live: KubeObject, context: WriteContext): KubeObject {
  requireSameState(resource, updated, live, context);
  const { selfLink: _, generation: _n, ...given } = updated.metadata;
  const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, generateName } = live.metadata;
  return {
    ...updated,
    metadata: compact({
      ...given, uid: live.metadata.uid, resourceVersion: live.metadata.resourceVersion, creationTimestamp, generation,
      deletionTimestamp: deletionTimestamp ?? given.deletionTimestamp, deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? deletionGracePeriodSeconds,
      generateName: given.generateName ?? generateName, managedFields: given.managedFields ?? live.metadata.managedFields,
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
  const { managedFields, labels, annotations, finalizers, ownerReferences } = updated.metadata;
  const reset = resetFields(resource, 'status').flatMap(([part, name = part]) => (part === 'metadata' ? [name] : []));
  const given = reset.includes('metadata') ? {} : Object.fromEntries(Object.entries({ labels, annotations, finalizers, ownerReferences }).filter(([name]) => !reset.includes(name)));
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
