import { decodeObject } from '#api/decode.ts';
import { ruleOf } from '#api/apply/rules.ts';
import { undeclaredFields, untypedPatch } from '#api/apply/typed-patch.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import { badRequest } from '#api/status-error.ts';
import { yamlError, yamlLine } from '#api/strict-problems.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { fieldValidationOf, inNamespace, requireKind } from './decode.ts';

/**
 * What a server-side apply sends, as an object of its type. A field that the type does not have has no owner, so it is refused whatever
 * `fieldValidation` says; of that, only fields that stand twice are left to be told.
 * @throws StatusError BadRequest, or 500 without a reason for fields that the type does not have
 */
export function appliedObject(env: Environment, call: Call, body: Partial<KubeObject>): KubeObject {
  const { resource, name, namespace } = call.info;
  const expected = apiVersionOf(resource);
  if (body.apiVersion !== expected) throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${String(body.apiVersion ?? '')}, expected: ${expected}`);
  if (body.kind === undefined || body.kind === '') throw untypedPatch(body);
  requireKind(resource, body);
  if (body.metadata?.managedFields && body.metadata.managedFields.length > 0) throw badRequest('metadata.managedFields must be nil');
  const { object, unknown } = decodeObject(env.schema, resource, body, { fieldValidation: 'Ignore', isAsSent: true });
  const applied = inNamespace(resource, { ...object, metadata: { ...object.metadata, name: object.metadata?.name || name } }, namespace);
  if (applied.metadata.name !== name) throw badRequest(`the name of the object (${applied.metadata.name}) does not match the name on the URL (${name})`);
  if (unknown.length > 0) throw undeclaredFields(ruleOf(env.schema, resource), body, unknown);
  reportDuplicates(call);
  return applied;
}

function reportDuplicates(call: Call): void {
  const { duplicates } = call;
  const validation = fieldValidationOf(call.query);
  if (duplicates.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${yamlError(duplicates)}`);
  for (const duplicate of duplicates) call.warn(yamlLine(duplicate));
}
