import { randomUUID } from 'node:crypto';
import { applyDefaults } from '#api/defaults/index.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { validateCreate } from '#api/validation/index.ts';
import { warningsOf } from '#api/warnings/index.ts';
import { withZeroValues } from '#api/zero-values.ts';
import { generateName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { forbidden, invalid, plainError } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import type { Write } from '#store/object-store.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { versionFault } from '../verbs/resource-version.ts';
import { afterAdmission } from './after-admission.ts';
import { strategyOf } from './strategies.ts';
import type { AnyObject } from './strategy.ts';
import { withUniqueOwners } from './unique-owners.ts';

/** An object that is ready to be stored, and what must be written with it. */
export interface Prepared {
  readonly object: KubeObject;
  readonly also: readonly Write[];
}

/**
 * The object as it is stored, from what a client sent: identity, defaults, what admission changes, the kind's own rules, validation, what admission refuses.
 * `isApplied` objects bring their managed fields with them. @throws StatusError
 */
export async function prepareCreate(env: Environment, resource: ResourceType, sent: KubeObject, context: WriteContext, isApplied = false): Promise<Prepared> {
  const strategy = strategyOf(resource);
  if (resource.custom?.isTerminating) throw forbidden(resource, sent.metadata.name, 'create not allowed while custom resource definition is terminating');
  const given = withoutSystemFields(context.isPatch ? sent : withUniqueOwners(sent, context, false));
  const holdsStatus = strategy.keepsStatusOnCreate === true || !resource.subresources.includes('status');
  const kept = withDefaults(env, resource, holdsStatus ? given : dropStatus(given));
  const recorded = isApplied ? kept : withMaker(env, resource, kept, context);
  // Mutating admission sees also the status that was sent, which is not kept.
  const shown = holdsStatus || !('status' in given) ? recorded : withRecordOf(withDefaults(env, resource, given), recorded);
  const request = { operation: 'CREATE', resource, subresource: '', namespace: recorded.metadata.namespace ?? '', name: given.metadata.name ?? '', object: shown, context } as const;
  const mutation = env.admission.mutate(env, request);
  const answered = afterAdmission(shown, mutation instanceof Promise ? await mutation : mutation, context);
  requireVersion(answered, context);
  const mutated = answered === shown ? recorded : holdsStatus ? answered : withStatusOf(answered, recorded);
  const identified = withIdentity(env, resource, mutated);
  const own = strategy.prepareCreate ? await strategy.prepareCreate(identified, env, context) : identified;
  const admitted = own === identified && mutated === recorded ? own : withDefaults(env, resource, own);
  const causes = strategy.validate ? [...validateCreate(resource, admitted), ...(await strategy.validate(admitted, undefined, env, ''))] : validateCreate(resource, admitted);
  if (causes.length > 0) throw invalid(resource, admitted.metadata.name ?? '', causes);
  for (const warning of [...warningsOf(resource.facts, admitted), ...(strategy.warnings?.(admitted, undefined) ?? [])]) context.warn(warning);
  const counted = strategy.hasGeneration ? withMetadata(admitted, { generation: 1 }) : admitted;
  const final = { ...request, name: counted.metadata.name, object: counted };
  const check = env.admission.validate(env, final);
  if (check instanceof Promise) await check;
  refuseVersion(counted, context);
  const reserved = env.admission.reserve(env, final);
  const also = reserved instanceof Promise ? await reserved : reserved;
  return { object: context.dryRun ? counted : withoutVersion(counted), also };
}

const withDefaults = (env: Environment, resource: ResourceType, object: KubeObject): KubeObject =>
  applyDefaults(resource, withZeroValues(env.schema, resource.facts, withSpec(env, resource, object)));

/** The client owns what it sent and its defaults, not what admission and the kind's rules make of it; admission sees who owns what. */
function withMaker(env: Environment, resource: ResourceType, object: KubeObject, { fieldManager }: WriteContext): KubeObject {
  const owned = strategyOf(resource).asOwnedOnCreate?.(object) ?? object;
  const tracked = trackUpdate(env.schema, resource, { updated: owned, manager: fieldManager, now: formatTime(env.clock.now()) });
  return owned === object ? tracked : withRecordOf(object, tracked);
}

/** The object with the record of another. */
export function withRecordOf(object: KubeObject, { metadata: { managedFields } }: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}

/** Admission decides nothing about a status that its own subresource holds. */
function withStatusOf(mutated: KubeObject, { status }: AnyObject): KubeObject {
  return (mutated as AnyObject).status === status ? mutated : { ...dropStatus(mutated), ...(status === undefined ? {} : { status }) } as KubeObject;
}

export const withMetadata = <T extends KubeObject>(object: T, change: Partial<KubeObject['metadata']>): T =>
  ({ ...object, metadata: { ...object.metadata, ...change } });

/** A spec that is left out is an empty one, as Go has it: what reads objects finds one in every kind that has it. */
export function withSpec(env: Pick<Environment, 'schema'>, resource: ResourceType, object: KubeObject): KubeObject {
  if ('spec' in object || resource.facts === undefined || !env.schema.type(resource.facts)?.fields.has('spec')) return object;
  return { ...object, spec: {} } as KubeObject;
}

export function dropStatus(object: KubeObject): KubeObject {
  if (!('status' in object)) return object;
  const { status: _, ...rest } = object as KubeObject & { status?: unknown };
  return rest;
}

/** What only the server may say is dropped from what was sent. */
function withoutSystemFields(sent: KubeObject): KubeObject {
  const { selfLink: _l, uid: _u, creationTimestamp: _c, deletionTimestamp: _d, deletionGracePeriodSeconds: _g, ...metadata } = sent.metadata;
  return { ...sent, metadata: metadata as KubeObject['metadata'] };
}

/** Name, UID and time of creation. */
function withIdentity(env: Environment, resource: ResourceType, object: KubeObject): KubeObject {
  const { name: given, namespace = '', generateName } = object.metadata;
  const name = given || generatedName(env, generateName);
  const uid = env.reservations.claim(resource, namespace, name) ?? randomUUID();
  return { ...object, metadata: { ...object.metadata, name, uid, creationTimestamp: formatTime(env.clock.now()) } };
}

/** What a PUT or an apply makes may name a version, whatever there was before, but nothing that is none. @throws StatusError a plain one */
function requireVersion({ metadata: { resourceVersion = '' } }: KubeObject, { isPost }: WriteContext): void {
  const fault = isPost || resourceVersion === '' ? undefined : versionFault(resourceVersion);
  if (fault !== undefined) throw plainError(fault);
}

/** After all else, as in Kubernetes, whose store refuses it to a POST: not to a dry run, and not what it cannot read as a version. */
function refuseVersion({ metadata: { resourceVersion = '' } }: KubeObject, { dryRun, isPost }: WriteContext): void {
  if (isPost && !dryRun && VERSION.test(resourceVersion) && BigInt(resourceVersion) <= MAX_VERSION) throw plainError('resourceVersion should not be set on objects to be created');
}

/** What cannot be read as a version is no reason to refuse, and is not kept. */
function withoutVersion(object: KubeObject): KubeObject {
  if (object.metadata.resourceVersion === undefined) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const VERSION = /^0*[1-9]\d*$/;
const MAX_VERSION = 2n ** 64n - 1n;

const generatedName = (env: Environment, base: string | undefined): string =>
  (base ? generateName(base, env.randomSuffix(5)) : '');
