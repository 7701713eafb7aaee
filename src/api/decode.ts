import { withAnnotatedNumber } from '#api/annotated-numbers.ts';
import { ConversionState } from '#api/conversion-state.ts';
import { decoderOf, DecodeState, Mismatch } from '#api/decoders.ts';
import { decodeMetadata } from '#api/decode-metadata.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { withType } from '#api/sent-type.ts';
import { badRequest } from '#api/status-error.ts';
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
  const state = stateOf(options);
  let object: unknown;
  try {
    object = resource.facts === undefined ? decodeCustom(schema, resource, typed, state) : withAnnotatedNumber(resource.facts, decoderOf(schema, resource.facts)(typed, state) as KubeObject);
  } catch (error) {
    throw error instanceof Mismatch ? cannotHandle(resource, error.message) : error;
  }
  return { object: withRecordAsSent(value, object as KubeObject, options), warnings: warningsOf(resource, value, state, options), unknown: state.unknownFields };
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

function stateOf({ isAsSent = false, sent = PLAIN }: DecodeOptions): DecodeState {
  if (sent.form === 'merged') return new ConversionState({ isAsSent });
  return sent.form === 'json' ? new DecodeState({ isAsSent, duplicates: sent.duplicates, fractions: sent.fractions }) : new DecodeState({ isAsSent });
}

function warningsOf(resource: ResourceType, value: unknown, { unknownFields, duplicates }: DecodeState, { fieldValidation, sent = PLAIN }: DecodeOptions): readonly string[] {
  if (fieldValidation === 'Ignore') return [];
  const { warnings, error } = strictProblems(value, unknownFields, sent.form === 'json' ? { ...sent, duplicates } : sent, resource.facts !== undefined);
  if (warnings.length === 0 || fieldValidation === 'Warn') return warnings;
  throw cannotHandle(resource, `strict decoding error: ${error}`);
}

const cannotHandle = (r: ResourceType, why: string): Error => badRequest(`${r.kind} in version "${r.version}" cannot be handled as a ${r.kind}: ${why}`);

/** An empty record of owners ends the record, as `[{}]` does; not to send one says nothing of it. */
function withRecordAsSent({ metadata: sent }: JsonObject, object: KubeObject, { isAsSent }: DecodeOptions): KubeObject {
  const isEmptied = isJsonObject(sent) && Array.isArray(sent['managedFields']) && sent['managedFields'].length === 0;
  return isEmptied && isAsSent !== true ? { ...object, metadata: { ...object.metadata, managedFields: [{}] } } : object;
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
