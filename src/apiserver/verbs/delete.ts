import type { DeleteOptions } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict } from '#api/status-error.ts';
import { isDryRun, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, objectOutcome, type Outcome } from '../outcome.ts';
import { strategyOf } from '../registry/strategies.ts';
import { answerOf, guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { requireSameObject } from '../storage/preconditions.ts';
import { deleteOptions } from './delete-options.ts';
import { planDeletion } from './deletion.ts';

/** DELETE of one object. @throws StatusError NotFound, Conflict (preconditions), Forbidden */
export async function remove(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const options = deleteOptions(env, call);
  const { orphanWarning } = strategyOf(resource);
  if (orphanWarning !== undefined && options.propagationPolicy === undefined && options.orphanDependents === undefined) call.warn(orphanWarning);
  const result = await removeObjectBy(env, { resource, namespace, name, options, call });
  // Who asks in the old way for the dependents to go first is told that it takes its time.
  if (!result.isGone) return objectOutcome(resource, result.object, options.orphanDependents === false ? 202 : 200);
  if (strategyOf(resource).returnsDeleted) return objectOutcome(resource, result.object);
  return documentOutcome(deletedStatus(resource, result.object));
}

export interface Removal {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly options: Partial<DeleteOptions>;
  readonly call: Pick<Call, 'user' | 'query' | 'warn' | 'audit' | 'startedAt'>;
  /** The request names a collection: admission is told of each object, but of no name. */
  readonly isOfCollection?: true;
  /** What is written into the object with its deletion. Default: nothing. */
  readonly marked?: (object: KubeObject) => KubeObject;
  /** It is part of a request that has been admitted itself. */
  readonly isAdmitted?: boolean;
}

export interface Removed {
  readonly object: KubeObject;
  /** Or would be, if it were no dry run. */
  readonly isGone: boolean;
}

export async function removeObjectBy(env: Environment, removal: Removal): Promise<Removed> {
  const { resource, namespace, name, options, call, isOfCollection = false, marked = (object) => object } = removal;
  let isGone = false;
  const { object: result } = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    checkPreconditions(resource, object, options);
    const { user, query, audit, startedAt } = call;
    const context = { user, query, audit, startedAt, dryRun: isDry(call, options), fieldManager: '', warn: (text: string) => call.warn(text) };
    const request = { operation: 'DELETE', resource, subresource: '', namespace, name: isOfCollection ? '' : name, live: object, options, context } as const;
    if (!removal.isAdmitted) await env.admission.validate(env, request);
    const decision = planDeletion(resource, marked(object), options, env.clock.now());
    isGone = decision.type === 'remove';
    if (isDry(call, options)) return { type: 'keep', object: answerOf(decision) };
    return decision.type === 'remove' ? { ...decision, also: await env.admission.reserve(env, request) } : decision;
  });
  return { object: result, isGone };
}

const isDry = (call: Pick<Call, 'query'>, options: Partial<DeleteOptions>): boolean => isDryRun(call.query['dryRun']) || (options.dryRun ?? []).length > 0;

function checkPreconditions(resource: ResourceType, object: KubeObject, { preconditions }: Partial<DeleteOptions>): void {
  const { uid, resourceVersion } = preconditions ?? {};
  // The deletion of namespaces is written by itself in Kubernetes, and has its own words.
  if (strategyOf(resource).hasFinalizers !== undefined) return requireSameObject(resource, object, { uid, resourceVersion });
  if (uid !== undefined && uid !== object.metadata.uid) throw conflict(asKind(resource), object.metadata.name, `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid ?? ''}). The object might have been deleted and then recreated`);
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
    throw conflict(asKind(resource), object.metadata.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion ?? ''}). The object might have been modified`);
  }
}

/** Kubernetes names the kind here, where it else names the resource. */
const asKind = (resource: ResourceType): ResourceType => ({ ...resource, plural: resource.kind });

function deletedStatus(resource: ResourceType, object: KubeObject): object {
  const details = { name: object.metadata.name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural, uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
