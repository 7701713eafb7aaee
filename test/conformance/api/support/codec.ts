import type { ResourceType } from '#api/resource-type.ts';
import type { WatchEvent } from '#api/transport.ts';

export type Encoding = 'JSON' | 'protobuf';

/** How objects travel. */
export interface Codec {
  readonly encoding: Encoding;
  /** `Accept` for objects of a kind. */
  accept(resource?: ResourceType): string;
  contentType(resource?: ResourceType): string;
  encode(object: unknown, resource?: ResourceType): Buffer;
  /** @throws Error when the answer is not in the encoding that was asked for */
  decode(bytes: Buffer, contentType: string): unknown;
  /** Takes the whole frames off the front of a watch's bytes. */
  frames(bytes: Buffer): { readonly events: readonly WatchEvent[]; readonly rest: Buffer };
}

const JSON_TYPE = 'application/json';

export const JSON_CODEC: Codec = {
  encoding: 'JSON',
  accept: () => JSON_TYPE,
  contentType: () => JSON_TYPE,
  encode: (object) => Buffer.from(JSON.stringify(object)),
  decode: (bytes, contentType) => (contentType.startsWith(JSON_TYPE) ? (JSON.parse(bytes.toString()) as unknown) : bytes.toString()),
  frames: jsonLines,
};

export function jsonLines(bytes: Buffer): { readonly events: readonly WatchEvent[]; readonly rest: Buffer } {
  const end = bytes.lastIndexOf('\n');
  if (end < 0) return { events: [], rest: bytes };
  const lines = bytes.subarray(0, end).toString().split('\n').filter((line) => line !== '');
  return { events: lines.map((line) => JSON.parse(line) as WatchEvent), rest: bytes.subarray(end + 1) };
}
