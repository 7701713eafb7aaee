import { recordFault } from '#api/apply/managers.ts';
import { jsonEqual } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest } from '#api/status-error.ts';
import type { WriteContext } from '../call.ts';
import { withUniqueOwners } from './unique-owners.ts';

const TOLD = '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests';

/**
 * What admission made of an object, where the request has it, and with the lists of its metadata that others rely on in order: a record of
 * owners that cannot be read is as it was before. @throws StatusError BadRequest for an object that was moved
 */
export const afterAdmission = (sent: KubeObject, mutated: KubeObject, context: WriteContext): KubeObject =>
  withUniqueOwners(mutated === sent ? sent : withReadableRecord(sent, inPlace(sent, mutated), context), context, true);

function inPlace({ metadata: { namespace = '' } }: KubeObject, mutated: KubeObject): KubeObject {
  const { namespace: given = '', selfLink, ...metadata } = mutated.metadata ?? {};
  if (given === namespace && selfLink === undefined && mutated.metadata !== undefined) return mutated;
  if (given !== '' && namespace !== '' && given !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return { ...mutated, metadata: { ...metadata, ...(namespace === '' ? {} : { namespace }) } };
}

function withReadableRecord({ metadata: { managedFields: before } }: KubeObject, mutated: KubeObject, context: WriteContext): KubeObject {
  const { managedFields: after, ...metadata } = mutated.metadata;
  if (after === undefined || after === before || jsonEqual(after, before)) return mutated;
  const fault = recordFault(after);
  if (fault === undefined) return mutated;
  context.warn(`${TOLD}: ${fault}`);
  return { ...mutated, metadata: before === undefined ? metadata : { ...metadata, managedFields: before } };
}
