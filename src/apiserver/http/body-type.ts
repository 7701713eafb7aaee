import type { Encoding } from './media-type.ts';

const TOKEN = String.raw`[!#$%&'*+.^_\`|~\w-]+`;
/** RFC 2045: a type, and parameters with values. */
const MEDIA_TYPE = new RegExp(String.raw`^\s*(${TOKEN}(?:/${TOKEN})?)\s*(?:;\s*${TOKEN}\s*=\s*(?:${TOKEN}|"(?:[^"\\]|\\.)*")\s*)*;?\s*$`);
const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([['application/json', 'json'], ['application/yaml', 'yaml'], ['application/vnd.kubernetes.protobuf', 'protobuf']]);

/** How the body of a write or a deletion is encoded: in JSON where nothing is said; undefined for what nobody reads. */
export function bodyEncodingOf(contentType: string): Encoding | undefined {
  if (contentType === '') return 'json';
  return ENCODINGS.get(contentType) ?? ENCODINGS.get((MEDIA_TYPE.exec(contentType)?.[1] ?? '').toLowerCase());
}
