import { decodeObject } from '#api/decode.ts';
import { otherType, requireTyped, unconvertible } from '#api/apply/typed-patch.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { badRequest, isStatus } from '#api/status-error.ts';
import { yamlError, yamlLine } from '#api/strict-problems.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { fieldValidationOf, inNamespace } from './decode.ts';

/**
 * What a server-side apply sends, as an object of its type. A field that the type does not have has no owner, so it is refused whatever
 * `fieldValidation` says; of that, only fields that stand twice are left to be told.
 * @throws StatusError BadRequest, or 500 without a reason for what is not of the type
 */
export function appliedObject(env: Environment, call: Call, body: Partial<KubeObject>): KubeObject {
  const { resource, name, namespace } = call.info;
  if (body.apiVersion !== apiVersionOf(resource) || body.kind !== resource.kind) throw otherType(body);
  if (Array.isArray(body.metadata?.managedFields)) throw badRequest('metadata.managedFields must be nil');
  requireTyped(env.schema, resource, body);
  const object = typed(env, resource, body);
  const applied = inNamespace(resource, { ...object, metadata: { ...object.metadata, name: object.metadata?.name || name } }, namespace);
  if (applied.metadata.name !== name) throw badRequest(`the name of the object (${applied.metadata.name}) does not match the name on the URL (${name})`);
  reportDuplicates(call);
  return applied;
}

const CANNOT_HANDLE = /^.* cannot be handled as a [^:]*: /;

function typed({ schema }: Environment, resource: ResourceType, body: Partial<KubeObject>): KubeObject {
  try {
    return decodeObject(schema, resource, body, { fieldValidation: 'Ignore', isAsSent: true, sent: { form: 'merged', problems: [] } }).object;
  } catch (error) {
    if (!isStatus(error, 'BadRequest') || !CANNOT_HANDLE.test(error.message)) throw error;
    throw unconvertible(body, error.message.replace(CANNOT_HANDLE, ''));
  }
}

function reportDuplicates(call: Call): void {
  const { duplicates } = call;
  const validation = fieldValidationOf(call.query);
  if (duplicates.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${yamlError(duplicates)}`);
  for (const duplicate of duplicates) call.warn(yamlLine(duplicate));
}
