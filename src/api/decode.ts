import { withAnnotatedNumber } from '#api/annotated-numbers.ts';
import { ConversionState } from '#api/conversion-state.ts';
import { decoderOf, DecodeState, Mismatch } from '#api/decoders.ts';
import { decodeMetadata } from '#api/decode-metadata.ts';
import { describeValue, isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { badRequest, invalid } from '#api/status-error.ts';
import { type SentAs, strictProblems } from '#api/strict-problems.ts';

export interface DecodeOptions {
  /** What becomes of unknown and repeated fields, all of which are dropped: an error, a warning, nothing. */
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Says what else is wrong with the text, and how to word it. Default: JSON in which nothing stands twice. */
  readonly sent?: SentAs;
  /** Leaves in what `asKept` drops: whoever applies it wants it so, and owns it. Default false. */
  readonly isAsSent?: boolean;
}

export interface Decoded {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  /** Paths of fields that the type does not have, whatever became of them. */
  readonly unknown: readonly string[];
}

const PLAIN: SentAs = { form: 'json', duplicates: [] };

/**
 * Checks that a JSON value has the form of the resource's type, and brings it into the form in which objects are kept: no nulls, no
 * zeros that Go would not write, no fields of features that are off, canonical quantities and times. Parts that need no change are shared with `value`.
 * Of custom resources the metadata is checked, and what the schema does not know is dropped; defaults and validation come later.
 * @throws StatusError BadRequest, worded as Kubernetes does.
 */
export function decodeObject(schema: Schema, resource: ResourceType, value: unknown, options: DecodeOptions): Decoded {
  if (!isJsonObject(value)) throw cannotHandle(resource, `json: cannot unmarshal ${Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value} into Go value of type ${resource.version}.${resource.kind}`);
  const typed = withType(resource, value);
  const state = options.sent?.form === 'merged' ? new ConversionState(options) : new DecodeState(options);
  let object: unknown;
  try {
    object = resource.facts === undefined ? decodeCustom(schema, resource, typed, state) : withAnnotatedNumber(resource.facts, decoderOf(schema, resource.facts)(typed, state) as KubeObject);
  } catch (error) {
    throw error instanceof Mismatch ? cannotHandle(resource, error.message) : error;
  }
  return { object: withRecordAsSent(value, object as KubeObject, options), warnings: warningsOf(resource, value, state.unknownFields, options), unknown: state.unknownFields };
}

/**
 * A decoded object without what is never kept: lists and maps that are empty, and `false`, `0` and `''`, where Go's `omitempty` does not
 * write them, and fields of features that are off. Of custom resources only the metadata has any. The object itself when nothing is dropped.
 */
export function asKept<T extends KubeObject>(schema: Schema, { facts }: Pick<ResourceType, 'facts'>, object: T): T {
  if (facts !== undefined) return decoderOf(schema, facts)(object, new DecodeState()) as T;
  const { metadata } = decodeMetadata(schema, object.metadata, 'metadata');
  return metadata === object.metadata ? object : { ...object, metadata };
}

function warningsOf(resource: ResourceType, value: unknown, unknown: readonly string[], { fieldValidation, sent = PLAIN }: DecodeOptions): readonly string[] {
  if (fieldValidation === 'Ignore') return [];
  const { warnings, error } = strictProblems(value, unknown, sent, resource.facts !== undefined);
  if (warnings.length === 0 || fieldValidation === 'Warn') return warnings;
  throw cannotHandle(resource, `strict decoding error: ${error}`);
}

const cannotHandle = (r: ResourceType, why: string): Error => badRequest(`${r.kind} in version "${r.version}" cannot be handled as a ${r.kind}: ${why}`);

/** An empty record of owners ends the record, as `[{}]` does; not to send one says nothing of it. */
function withRecordAsSent({ metadata: sent }: JsonObject, object: KubeObject, { isAsSent }: DecodeOptions): KubeObject {
  const isEmptied = isJsonObject(sent) && Array.isArray(sent['managedFields']) && sent['managedFields'].length === 0;
  return isEmptied && isAsSent !== true ? { ...object, metadata: { ...object.metadata, managedFields: [{}] } } : object;
}

/** The path of the request says what a body without `apiVersion` and `kind` is; only custom resources, which Kubernetes decodes without a type, must say it themselves. */
function withType(resource: ResourceType, value: JsonObject): JsonObject {
  const apiVersion = apiVersionOf(resource);
  const given = value['apiVersion'] ?? '';
  const kind = value['kind'] ?? '';
  if (given === apiVersion && kind === resource.kind) return value;
  if (resource.custom !== undefined && kind === '') throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (resource.custom !== undefined && given === '') throw badRequest(`Object 'apiVersion' is missing in '${JSON.stringify(value)}'`);
  if (given !== '' && given !== apiVersion) {
    throw badRequest(`the API version in the data (${describeValue(given)}) does not match the expected API version (${apiVersion})`);
  }
  if (kind !== '' && kind !== resource.kind) {
    if (resource.custom !== undefined && typeof kind === 'string') throw otherKind(resource, kind, value);
    throw badRequest(`${describeValue(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}: the kind in the data (${describeValue(kind)}) does not match the expected kind (${resource.kind})`);
  }
  return { ...value, apiVersion, kind: resource.kind };
}

/** An object without a type is decoded whatever its kind, and found invalid. */
function otherKind(resource: ResourceType, kind: string, { metadata }: JsonObject): Error {
  const name = isJsonObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
  return invalid({ ...resource, kind }, name, [{ reason: 'FieldValueInvalid', field: 'kind', message: `Invalid value: ${JSON.stringify(kind)}: must be ${resource.kind}` }]);
}

/** The metadata by its type, all else by the schema of the definition. */
function decodeCustom(schema: Schema, resource: ResourceType, value: JsonObject, state: DecodeState): unknown {
  const { metadata, unknown } = decodeMetadata(schema, value['metadata'] ?? {}, 'metadata', new DecodeState(state));
  state.unknownFields.push(...unknown);
  const object = (metadata === value['metadata'] ? value : { ...value, metadata }) as unknown as KubeObject;
  if (resource.custom === undefined) return object;
  const pruned = resource.custom.schema.prune(object);
  state.unknownFields.push(...pruned.unknown);
  const unreadable = resource.custom.schema.unreadable(pruned.object);
  if (unreadable !== undefined) throw new Mismatch(unreadable);
  return pruned.object;
}
