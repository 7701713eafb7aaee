import { decodeObject } from '#api/decode.ts';
import { foundText } from '#api/decoders.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { YAML_TYPE } from '#api/parse.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { TYPE_META } from '#api/sent-type.ts';
import { badRequest } from '#api/status-error.ts';
import type { SentAs } from '#api/strict-problems.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { noJson, unrecognized } from './unrecognized.ts';

type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** What becomes of unknown fields; the server's default is to warn. That the value is a known one has been checked. */
export function fieldValidationOf(query: Call['query']): FieldValidation {
  const given = query['fieldValidation'] ?? '';
  return given === 'Strict' || given === 'Ignore' ? given : 'Warn';
}

/** The typed object of the body, in the namespace of the path. @throws StatusError BadRequest */
export function decodeBody(env: Environment, call: Call): KubeObject {
  return decodeValue(env, call, requireTyped(call), { form: YAML_TYPE.test(mediaTypeOf(call)) ? 'yaml' : 'json', duplicates: call.duplicates, fractions: call.fractions });
}

/** The value of the body; null is an object without any member. @throws StatusError BadRequest when there is none */
export function requireBody({ body, info }: Pick<Call, 'body' | 'info'>): unknown {
  if (body === undefined) throw badRequest(unrecognized(info, '', noJson('unexpected end of JSON input')));
  return body ?? {};
}

/** The object in the body. @throws StatusError BadRequest for what cannot say of which kind it is */
function requireTyped(call: Call): JsonObject {
  const body = requireBody(call);
  const refuse = (value: unknown, where: string): Error => badRequest(unrecognized(call.info, JSON.stringify(body), noJson(`json: cannot unmarshal ${foundText(value, 'string')} into Go ${where}`)));
  if (!isJsonObject(body)) throw refuse(body, `value of type ${TYPE_META}`);
  for (const name of ['apiVersion', 'kind']) if (typeof (body[name] ?? '') !== 'string') throw refuse(body[name], `struct field .${name} of type string`);
  return body;
}

/** The body's media type without its parameters. */
export const mediaTypeOf = ({ contentType }: Call): string => contentType.split(';', 1)[0]?.trim() ?? '';

export function decodeValue(env: Environment, call: Call, value: unknown, sent: SentAs): KubeObject {
  const { object, warnings } = decodeObject(env.schema, call.info.resource, value, { fieldValidation: fieldValidationOf(call.query), sent });
  for (const warning of warnings) call.warn(warning);
  return inNamespace(call.info.resource, withMeta(object), call.info.namespace);
}

export const withMeta = (object: KubeObject): KubeObject => (object.metadata === undefined ? { ...object, metadata: {} as KubeObject['metadata'] } : object);

export function inNamespace(resource: ResourceType, object: KubeObject, namespace: string): KubeObject {
  const given = object.metadata.namespace ?? '';
  if (!resource.namespaced) {
    if (given === '') return object;
    // Manifests that are written for a namespace as a whole say it of everything in it.
    const { namespace: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  }
  if (given === namespace) return object;
  if (given !== '') throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  return { ...object, metadata: { ...object.metadata, namespace } };
}
