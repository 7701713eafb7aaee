import type { KubeObject } from '#api/object.ts';
import { badRequest, isStatus } from '#api/status-error.ts';
import { authorizeCreation } from '../authz/authorize.ts';
import { writeContext, type Call, type WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import { strategyOf } from '../registry/strategies.ts';
import { answerOf, guaranteedUpdate, type Decision } from '../storage/guaranteed-update.ts';
import { createObject } from './create.ts';
import { decodeBody } from './decode.ts';
import { writtenOutcome } from './written-outcome.ts';

/** PUT of an object or its status. @throws StatusError NotFound, Conflict, Invalid, BadRequest */
export async function update(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name, subresource } = call.info;
  const sent = named(decodeBody(env, call), name);
  const context = writeContext(call);
  try {
    const result = await guaranteedUpdate(env, { resource, namespace, name }, async (live) =>
      dryRun(context, await prepareUpdate(env, { resource, subresource, live: live.object, updated: sent, context })));
    return writtenOutcome(env, resource, result.object, context);
  } catch (error) {
    const mayCreate = subresource === '' && strategyOf(resource).allowsCreateOnUpdate === true && isStatus(error, 'NotFound');
    if (!mayCreate || sent.metadata.uid) throw error;
    authorizeCreation(env, call);
    return writtenOutcome(env, resource, await createObject(env, resource, sent, context), context, 201);
  }
}

/** A dry run answers with what would be written, and writes nothing. */
export function dryRun(context: WriteContext, decision: Decision): Decision {
  if (!context.dryRun) return decision;
  return { type: 'keep', object: answerOf(decision) };
}

/** @throws StatusError BadRequest for an object of another name than the path's */
export function named(object: KubeObject, name: string): KubeObject {
  if (object.metadata.name === name) return object;
  throw badRequest(object.metadata.name ? `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})` : `the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}
