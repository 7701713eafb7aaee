import { foundText } from '#api/decoders.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { badRequest } from '#api/status-error.ts';
import type { Call } from '../call.ts';
import { fieldValidationOf } from './decode.ts';

type Body = Pick<Call, 'body' | 'query'>;

const DECODING = 'error decoding patch: ';
const NOTHING = 'unexpected end of JSON input';
const TEXTS = ['op', 'path', 'from'] as const;

/** What Go says of a value in the place of another; null is nothing to it, and never wrong. */
const unfit = (value: unknown, goType: string, place = 'value'): string => `json: cannot unmarshal ${foundText(value, goType)} into Go ${place} of type ${goType}`;
const noObject = (value: unknown): string => unfit(value, 'map[string]interface {}');

/**
 * The operations of a JSON Patch. Where fields are validated, members of a wrong type are told before any operation is looked at.
 * @throws StatusError BadRequest
 */
export function operationsOf({ body, query }: Body): readonly JsonObject[] {
  const isChecked = fieldValidationOf(query) !== 'Ignore';
  const names = isChecked ? { list: '[]handlers.jsonPatchOp', item: 'handlers.jsonPatchOp' } : { list: 'jsonpatch.Patch', item: 'jsonpatch.Operation' };
  const refuse = (why: string) => badRequest(`${isChecked ? DECODING : ''}${why}`);
  if (body === undefined) throw refuse(NOTHING);
  if (body === null) return [];
  if (!Array.isArray(body)) throw refuse(unfit(body, names.list));
  return body.map((item: unknown) => {
    const operation = item ?? {};
    if (!isJsonObject(operation)) throw refuse(unfit(operation, names.item));
    const wrong = TEXTS.find((name) => typeof (operation[name] ?? '') !== 'string');
    if (isChecked && wrong !== undefined) throw refuse(unfit(operation[wrong], 'string', `struct field jsonPatchOp.${wrong}`));
    return operation;
  });
}

/** @throws StatusError BadRequest */
export function mergedBody({ body }: Body): object {
  if (isJsonObject(body)) return body;
  if (body === null) throw badRequest('Invalid JSON Patch');
  throw badRequest(`${DECODING}${body === undefined ? NOTHING : noObject(body)}`);
}

/** @throws StatusError BadRequest */
export function strategicBody({ body }: Body): object {
  if (body === undefined) throw badRequest(NOTHING);
  if (!isJsonObject(body ?? {})) throw badRequest(noObject(body));
  return body ?? {};
}

/** @throws StatusError BadRequest */
export function appliedBody({ body }: Body): object {
  if (!isJsonObject(body ?? {})) throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${noObject(body)}`);
  return body ?? {};
}
