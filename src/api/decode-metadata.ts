import { decoderOf, DecodeState } from '#api/decoders.ts';
import type { ObjectMeta } from '#api/generated/meta/v1.ts';
import type { Schema } from '#api/schema.ts';

export interface DecodedMetadata {
  readonly metadata: ObjectMeta;
  /** Paths of dropped fields, below `path`. */
  readonly unknown: readonly string[];
}

/**
 * Brings the metadata of an object into its form.
 * @throws Mismatch when it is no metadata, with Go's words
 */
export function decodeMetadata(schema: Schema, value: unknown, path: string, state = new DecodeState()): DecodedMetadata {
  const metadata = decoderOf(schema, 'meta/v1.ObjectMeta')(value, state) as ObjectMeta;
  return { metadata, unknown: state.unknownFields.map((field) => `${path}.${field}`) };
}
