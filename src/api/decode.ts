import { compileDecoder, type Decoder, DecodeState } from '#api/decoders.ts';
import { describeValue, isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { badRequest } from '#api/status-error.ts';

export interface DecodeOptions {
  /** What becomes of unknown and repeated fields, all of which are dropped: an error, a warning, nothing. */
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Paths of repeated fields, from `parseBody`. */
  readonly duplicates?: readonly string[];
}

export interface Decoded {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

const METADATA = 'meta/v1.ObjectMeta';
/** Kubernetes reports at most so many of the strict errors. */
const MAX_STRICT_ERRORS = 100;

/**
 * Checks that a JSON value has the form of the resource's type, and brings it into the form in which objects are kept: no nulls, no
 * empty optional lists and maps, canonical quantities and times. Parts that need no change are shared with `value`.
 * Custom resources are pruned by their schema; what it says of values is for validation to check.
 * @throws StatusError BadRequest, worded as Kubernetes does.
 */
export function decodeObject(schema: Schema, resource: ResourceType, value: unknown, options: DecodeOptions): Decoded {
  if (!isJsonObject(value)) throw cannotHandle(resource, `json: cannot unmarshal ${Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value} into Go value of type ${resource.version}.${resource.kind}`);
  const typed = withType(resource, value);
  const state = new DecodeState();
  let object: unknown;
  try {
    object = resource.facts === undefined ? decodeCustom(schema, resource, typed, state) : decoderOf(schema, resource.facts)(typed, state);
  } catch (error) {
    throw error instanceof state.Mismatch ? cannotHandle(resource, error.message) : error;
  }
  const warnings = strictProblems(resource, state.unknownFields, options);
  return { object: object as KubeObject, warnings };
}

function strictProblems(resource: ResourceType, unknownFields: readonly string[], options: DecodeOptions): readonly string[] {
  if (options.fieldValidation === 'Ignore') return [];
  const problems = [
    ...unknownFields.map((path) => `unknown field "${path}"`),
    ...(options.duplicates ?? []).map((path) => `duplicate field "${path}"`),
  ];
  if (problems.length === 0 || options.fieldValidation === 'Warn') return problems;
  throw cannotHandle(resource, `strict decoding error: ${problems.slice(0, MAX_STRICT_ERRORS).join(', ')}`);
}

const cannotHandle = (r: ResourceType, why: string): Error => badRequest(`${r.kind} in version "${r.version}" cannot be handled as a ${r.kind}: ${why}`);

/** The path of the request says what a body without `apiVersion` and `kind` is. */
function withType(resource: ResourceType, value: JsonObject): JsonObject {
  const apiVersion = apiVersionOf(resource);
  const given = value['apiVersion'] ?? '';
  const kind = value['kind'] ?? '';
  if (given === apiVersion && kind === resource.kind) return value;
  if (given !== '' && given !== apiVersion) {
    throw badRequest(`the API version in the data (${describeValue(given)}) does not match the expected API version (${apiVersion})`);
  }
  if (kind !== '' && kind !== resource.kind) {
    throw badRequest(`${describeValue(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}: the kind in the data (${describeValue(kind)}) does not match the expected kind (${resource.kind})`);
  }
  return { ...value, apiVersion, kind: resource.kind };
}

function decodeCustom(schema: Schema, resource: ResourceType, value: JsonObject, state: DecodeState): JsonObject {
  const metadata = state.at('metadata', () => decoderOf(schema, METADATA)(value['metadata'] ?? {}, state));
  const typed = metadata === value['metadata'] ? value : { ...value, metadata };
  if (resource.custom === undefined) return typed;
  const { object, unknown } = resource.custom.schema.prune(typed as unknown as KubeObject);
  state.unknownFields.push(...unknown);
  return object as unknown as JsonObject;
}

const compiled = new WeakMap<Schema, Map<string, Decoder>>();

/** Decoders belong to a schema and live as long as it. */
function decoderOf(schema: Schema, reference: string): Decoder {
  let decoders = compiled.get(schema);
  if (decoders === undefined) compiled.set(schema, (decoders = new Map()));
  return decoders.get(reference) ?? compileDecoder(schema, reference, decoders);
}
