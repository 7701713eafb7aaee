import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { parseExactJson } from '#api/exact-json.ts';
import type { Outcome } from '../outcome.ts';
import { ListEncoder } from './list-encoder.ts';
import type { MediaType } from './media-type.ts';
import { transform, type TransformOptions } from './transform.ts';

const gzipAsync = promisify(gzip);
/** Smaller answers cost more to compress than to send. */
const MIN_GZIP_BYTES = 128 * 1024;
/** Speed counts more than size on a local network. */
const GZIP_LEVEL = 1;

/** The bytes of answers. Objects and lists from the cache are sent as they were encoded once. */
export class Encoder {
  readonly #lists = new ListEncoder();

  /** JSON parts, to be sent one after the other, or one text in another form. */
  encode(outcome: Outcome, options: TransformOptions): readonly Buffer[] | Promise<readonly Buffer[]> {
    const transformed = transform(outcome, options);
    if (transformed !== undefined) return encodeValue(transformed, options.media);
    if (options.media.encoding === 'json') return this.#json(outcome);
    return encodeValue(parseExactJson(Buffer.concat(this.#json(outcome)).toString()), options.media);
  }

  #json(outcome: Outcome): readonly Buffer[] {
    switch (outcome.type) {
      case 'object': return [outcome.json?.() ?? jsonOf(outcome.object)];
      case 'document': return [jsonOf(outcome.body)];
      case 'list': return this.#lists.encode(outcome);
    }
  }
}

const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const encodeValue = (value: unknown, media: Pick<MediaType, 'encoding'>): readonly Buffer[] | Promise<readonly Buffer[]> =>
  (media.encoding === 'json' ? [jsonOf(value)] : encodeYaml(value));

async function encodeYaml(value: unknown): Promise<readonly Buffer[]> {
  const { formatYaml } = await import('./yaml.ts');
  return [Buffer.from(formatYaml(value))];
}

export const isWorthCompressing = (length: number): boolean => length > MIN_GZIP_BYTES;

/** Undefined when the client does not take gzip. */
export async function compress(parts: readonly Buffer[], acceptEncoding: string | readonly string[] | undefined): Promise<Buffer | undefined> {
  return String(acceptEncoding ?? '').includes('gzip') ? gzipAsync(Buffer.concat(parts), { level: GZIP_LEVEL }) : undefined;
}
