import { decodeObject } from '#api/decode.ts';
import { isJsonObject } from '#api/json.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { inNamespace, requireBody, withMeta } from './decode.ts';
import { POSTED_TYPES } from './posted-types.ts';

/** Versions in which older clients send the same fields. */
const OLDER: Readonly<Record<string, string>> = { eviction: 'policy/v1beta1' };

function inNewVersion(body: unknown, subresource: string, { group, version }: ResourceType): unknown {
  return isJsonObject(body) && body['apiVersion'] !== undefined && body['apiVersion'] === OLDER[subresource] ? { ...body, apiVersion: `${group}/${version}` } : body;
}

/** The call with the body checked against its type, for what decodes no object of the resource itself. @throws StatusError BadRequest */
export function withTypedBody(env: Environment, call: Call): Call {
  const { resource, subresource, verb } = call.info;
  if (verb !== 'create') return call;
  const type = subresource === '' ? resource : POSTED_TYPES.get(subresource);
  if (type?.facts === undefined) return call;
  const decoded = decodeObject(env.schema, type, inNewVersion(requireBody(call), subresource, type), { fieldValidation: 'Ignore' }).object;
  // Of a review in no namespace the metadata is left as it came.
  const body = resource.namespaced ? inNamespace(type, withMeta(decoded), call.info.namespace) : decoded;
  // Of a kind that has a spec Go makes an empty one.
  const isWithoutSpec = isJsonObject(body) && !('spec' in body) && env.schema.type(type.facts)?.fields.has('spec') === true;
  return { ...call, body: isWithoutSpec ? { ...body, spec: {} } : body };
}
