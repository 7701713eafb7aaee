import type { DeleteOptions } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { badRequest, conflict } from '#api/status-error.ts';
import { isDryRun, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, objectOutcome, type Outcome } from '../outcome.ts';
import { strategyOf } from '../registry/strategies.ts';
import { guaranteedUpdate, type Decision, type UpdateResult } from '../storage/guaranteed-update.ts';
import { planDeletion } from './deletion.ts';

/** DELETE of one object. @throws StatusError NotFound, Conflict (preconditions), Forbidden */
export async function remove(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const options = deleteOptions(call);
  const orphaning = strategyOf(resource).orphansByDefault?.warning;
  if (orphaning !== undefined && options.propagationPolicy === undefined && options.orphanDependents === undefined) call.warn(orphaning);
  const result = await removeObjectBy(env, { resource, namespace, name, options, call });
  const isGone = result.type === 'remove' || (isDry(call, options) && result.object.metadata.deletionTimestamp === undefined);
  if (!isGone || strategyOf(resource).returnsDeleted) return objectOutcome(resource, result.object);
  return documentOutcome(deletedStatus(resource, result.object));
}

export interface Removal {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly options: Partial<DeleteOptions>;
  readonly call: Pick<Call, 'user' | 'query' | 'warn'>;
}

export function removeObjectBy(env: Environment, removal: Removal): Promise<UpdateResult> {
  const { resource, namespace, name, options, call } = removal;
  return guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    checkPreconditions(resource, object, options);
    const context = { user: call.user, dryRun: isDry(call, options), fieldManager: '', query: call.query, warn: (text: string) => call.warn(text) };
    const request = { operation: 'DELETE', resource, subresource: '', namespace, name, live: object, options, context } as const;
    await env.admission.validate(env, request);
    const decision = planDeletion(resource, object, options, env.clock.now());
    if (isDry(call, options)) return { type: 'keep', object: objectOf(decision) };
    return decision.type === 'remove' ? { ...decision, also: await env.admission.reserve(env, request) } : decision;
  });
}

const objectOf = (decision: Decision): KubeObject => (decision.type === 'remove' ? decision.last : decision.object);
const isDry = (call: Pick<Call, 'query'>, options: Partial<DeleteOptions>): boolean => isDryRun(call.query['dryRun']) || (options.dryRun ?? []).length > 0;

/** From the body, else the query. @throws StatusError BadRequest */
export function deleteOptions(call: Pick<Call, 'body' | 'query'>): Partial<DeleteOptions> {
  if (call.body !== undefined && call.body !== null) {
    if (typeof call.body !== 'object' || Array.isArray(call.body)) throw badRequest('the body of a delete is DeleteOptions');
    return checkOptions(call.body as Partial<DeleteOptions>);
  }
  const { gracePeriodSeconds, propagationPolicy, orphanDependents } = call.query;
  return checkOptions({
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: Number(gracePeriodSeconds) }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents: orphanDependents === 'true' }),
  });
}

function checkOptions(options: Partial<DeleteOptions>): Partial<DeleteOptions> {
  const { gracePeriodSeconds, propagationPolicy } = options;
  if (gracePeriodSeconds !== undefined && !Number.isInteger(gracePeriodSeconds)) throw badRequest('gracePeriodSeconds must be an integer');
  if (propagationPolicy && !['Orphan', 'Background', 'Foreground'].includes(propagationPolicy)) {
    throw badRequest(`invalid DeleteOptions: propagationPolicy: Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Background", "Foreground", "Orphan"`);
  }
  return options;
}

function checkPreconditions(resource: ResourceType, object: KubeObject, { preconditions }: Partial<DeleteOptions>): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== object.metadata.uid) throw conflict(resource, object.metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid ?? ''}`);
  if (resourceVersion && resourceVersion !== object.metadata.resourceVersion) {
    throw conflict(resource, object.metadata.name, `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${object.metadata.resourceVersion ?? ''}`);
  }
}

function deletedStatus(resource: ResourceType, object: KubeObject): object {
  const details = { name: object.metadata.name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.plural, uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
