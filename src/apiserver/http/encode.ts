import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { apiVersionOf } from '#api/resource-type.ts';
import { listKind, type ListOutcome, type Outcome } from '../outcome.ts';
import type { MediaType } from './media-type.ts';
import { transform, type TransformOptions } from './transform.ts';

const gzipAsync = promisify(gzip);
/** Smaller answers cost more to compress than to send. */
const MIN_GZIP_BYTES = 128 * 1024;
/** Speed counts more than size on a local network. */
const GZIP_LEVEL = 1;
const COMMA = Buffer.from(',');
const LIST_END = Buffer.from(']}\n');

/** The bytes of an answer. Objects and lists from the cache are sent as they were encoded once. */
export function encode(outcome: Outcome, options: TransformOptions): Buffer | Promise<Buffer> {
  const transformed = transform(outcome, options);
  if (transformed !== undefined) return encodeValue(transformed, options.media);
  if (options.media.encoding === 'json') return jsonOf(outcome);
  return encodeValue(JSON.parse(jsonOf(outcome).toString()), options.media);
}

const encodeValue = (value: unknown, media: Pick<MediaType, 'encoding'>): Buffer | Promise<Buffer> =>
  (media.encoding === 'json' ? Buffer.from(JSON.stringify(value)) : encodeYaml(value));

async function encodeYaml(value: unknown): Promise<Buffer> {
  const { formatYaml } = await import('./yaml.ts');
  return Buffer.from(formatYaml(value));
}

function jsonOf(outcome: Outcome): Buffer {
  switch (outcome.type) {
    case 'object': return outcome.json?.() ?? Buffer.from(JSON.stringify(outcome.object));
    case 'document': return Buffer.from(JSON.stringify(outcome.body));
    case 'list': return jsonList(outcome);
  }
}

function jsonList({ resource, metadata, items }: ListOutcome): Buffer {
  const head = JSON.stringify({ kind: listKind(resource), apiVersion: apiVersionOf(resource), metadata });
  const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
  items.forEach((item, i) => {
    if (i > 0) parts.push(COMMA);
    parts.push(item.json());
  });
  parts.push(LIST_END);
  return Buffer.concat(parts);
}

export const isWorthCompressing = (bytes: Buffer): boolean => bytes.length > MIN_GZIP_BYTES;

/** Undefined when the client does not take gzip. */
export async function compress(bytes: Buffer, acceptEncoding: string | readonly string[] | undefined): Promise<Buffer | undefined> {
  return String(acceptEncoding ?? '').includes('gzip') ? gzipAsync(bytes, { level: GZIP_LEVEL }) : undefined;
}
