import { trackUpdate } from '#api/apply/managed-fields.ts';
import { asKept, decodeObject } from '#api/decode.ts';
import type { AppliedItem, ObjectReference, TransactionItem, TransactionResult } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { badRequest, conflict, StatusError } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import type { Write } from '#store/object-store.ts';
import type { Call, WriteContext } from '../call.ts';
import { authorize } from '../authz/authorize.ts';
import type { Environment } from '../environment.ts';
import { applyAcrossVersions } from '../registry/apply-across-versions.ts';
import { prepareCreate, type Prepared } from '../registry/prepare-create.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import type { RequestVerb } from '../request-info.ts';
import { answerOf, type Decision } from '../storage/guaranteed-update.ts';
import { readFresh, readServed, type Versioned } from '../storage/object-reader.ts';
import { servedWrite } from '../storage/object-write.ts';
import { planDeletion } from '../verbs/deletion.ts';
import { fieldValidationOf, inNamespace } from '../verbs/decode.ts';

export interface PlanContext {
  readonly env: Environment;
  readonly call: Call;
  readonly force: boolean;
  /** Of this item, in this attempt. */
  readonly write: WriteContext;
}

/** What an item writes, and what its answer will be; the first write is the object's. */
export interface PlannedItem {
  readonly writes: readonly Write[];
  readonly result: TransactionResult;
}

/** @throws StatusError what is wrong with the item */
export function planItem(context: PlanContext, item: TransactionItem, isFresh: boolean): Promise<PlannedItem> {
  return 'apply' in item ? planApply(context, item, isFresh) : planDelete(context, item.delete, isFresh);
}

async function planApply(context: PlanContext, { apply: sent, replaces = false, fieldValidation }: AppliedItem, isFresh: boolean): Promise<PlannedItem> {
  const { env, call, write } = context;
  const resource = resourceOf(env, sent);
  const namespace = namespaceFor(resource, sent.metadata.namespace ?? '');
  check(context, resource, replaces ? 'update' : 'patch', namespace, sent.metadata.name);
  const { object: decoded, warnings } = decodeObject(env.schema, resource, sent, { fieldValidation: fieldValidation ?? fieldValidationOf(call.query), isAsSent: true });
  const applied = inNamespace(resource, decoded, namespace);
  for (const warning of warnings) call.warn(warning);
  const live = await read(env, resource, namespace, sent.metadata.name, isFresh);
  const writer = { manager: write.fieldManager, now: formatTime(env.clock.now()) };
  const merged = await applyAcrossVersions(env, resource, { ...(live ? { live: live.object } : {}), applied, force: context.force || replaces, ...writer });
  if (live === undefined) {
    check(context, resource, 'create', namespace, sent.metadata.name);
    return created(env, resource, await prepareCreate(env, resource, merged, write, true));
  }
  const updated = replaces ? trackUpdate(env.schema, resource, { live: merged, updated: replacement(merged, asKept(env.schema, resource, applied)), ...writer }) : merged;
  return changed(resource, live, await prepareUpdate(env, { resource, subresource: '', live: live.object, updated, context: write, isApplied: true }));
}

/** Of the merged object what was sent, and what is not for its sender to say. */
function replacement({ metadata: { finalizers, ownerReferences, managedFields }, ...merged }: KubeObject & { readonly status?: unknown }, applied: KubeObject): KubeObject {
  const kept = { ...(finalizers ? { finalizers } : {}), ...(ownerReferences ? { ownerReferences } : {}), ...(managedFields ? { managedFields } : {}) };
  return { ...applied, metadata: { ...applied.metadata, ...kept }, ...('status' in merged ? { status: merged.status } : {}) } as KubeObject;
}

async function planDelete(context: PlanContext, target: ObjectReference, isFresh: boolean): Promise<PlannedItem> {
  const { env, write } = context;
  const resource = resourceOf(env, target);
  const namespace = namespaceFor(resource, target.namespace ?? '');
  check(context, resource, 'delete', namespace, target.name);
  const live = await read(env, resource, namespace, target.name, isFresh);
  if (live === undefined) return { writes: [], result: { outcome: 'absent' } };
  if (target.uid && target.uid !== live.object.metadata.uid) throw conflict(resource, target.name, `Precondition failed: UID in precondition: ${target.uid}, UID in object meta: ${live.object.metadata.uid ?? ''}`);
  const request = { operation: 'DELETE', resource, subresource: '', namespace, name: target.name, live: live.object, context: write } as const;
  await env.admission.validate(env, request);
  const decision = planDeletion(resource, live.object, { propagationPolicy: 'Background' }, env.clock.now());
  if (decision.type === 'remove') return changed(resource, live, { ...decision, also: await env.admission.reserve(env, request) });
  const planned = await changed(resource, live, decision);
  return { ...planned, result: { ...planned.result, outcome: 'deleting' } };
}

async function created(env: Environment, resource: ResourceType, { object, also }: Prepared): Promise<PlannedItem> {
  const write = await servedWrite(resource, 'put', object, 'absent');
  const release = env.reservations.release(resource, object);
  return { writes: [write, ...also, ...(release ? [release] : [])], result: { outcome: 'created', object } };
}

async function changed(resource: ResourceType, live: Versioned, decision: Decision): Promise<PlannedItem> {
  switch (decision.type) {
    case 'keep': return { writes: [], result: { outcome: 'unchanged', object: decision.object } };
    case 'put': return { writes: [await servedWrite(resource, 'put', decision.object, live.revision), ...(decision.also ?? [])], result: { outcome: 'updated', object: decision.object } };
    case 'remove': return { writes: [await servedWrite(resource, 'delete', decision.last, live.revision), ...(decision.also ?? [])], result: { outcome: 'deleted', object: answerOf(decision) } };
  }
}

function resourceOf(env: Environment, { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): ResourceType {
  const resource = env.scheme.byKind(apiVersion, kind);
  if (resource === undefined || !resource.verbs.includes('patch')) throw new StatusError('NotFound', `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
  return resource;
}

function namespaceFor(resource: ResourceType, namespace: string): string {
  if (!resource.namespaced) return '';
  if (namespace === '') throw badRequest('an empty namespace may not be set during creation');
  return namespace;
}

function check({ env, call }: PlanContext, resource: ResourceType, verb: RequestVerb, namespace: string, name: string): void {
  authorize(env, { user: call.user, query: {}, info: { type: 'resource', path: call.info.path, verb, resource, subresource: '', namespace, name } });
}

async function read(env: Environment, resource: ResourceType, namespace: string, name: string, isFresh: boolean): Promise<Versioned | undefined> {
  const cached = readServed(env.cache, resource, namespace, name);
  return (cached instanceof Promise ? await cached : cached) ?? (isFresh ? undefined : readFresh(env.cache, resource, namespace, name));
}
