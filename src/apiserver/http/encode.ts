import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { parseExactJson } from '#api/exact-json.ts';
import type { KubeObject } from '#api/object.ts';
import type { Schema } from '#api/schema.ts';
import { writtenForm } from '../conversion/written-forms.ts';
import type { Outcome } from '../outcome.ts';
import { ListEncoder } from './list-encoder.ts';
import type { Encoding } from './media-type.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import { transform, type TransformOptions } from './transform.ts';

const gzipAsync = promisify(gzip);
/** Smaller answers cost more to compress than to send. */
const MIN_GZIP_BYTES = 128 * 1024;
/** Speed counts more than size on a local network. */
const GZIP_LEVEL = 1;

/** The bytes of answers. Objects and lists from the cache are sent as they were encoded once. */
export class Encoder {
  readonly #lists = new ListEncoder();
  readonly #protobuf: ProtobufForms;
  readonly #schema: Schema;

  constructor(protobuf: ProtobufForms, schema: Schema) {
    this.#protobuf = protobuf;
    this.#schema = schema;
  }

  /** Parts, to be sent one after the other. @throws StatusError NotAcceptable */
  encode(outcome: Outcome, options: TransformOptions): readonly Buffer[] | Promise<readonly Buffer[]> {
    const transformed = transform(outcome, options);
    switch (options.media.encoding) {
      case 'json': return transformed === undefined ? this.#json(outcome) : [jsonOf(transformed)];
      case 'yaml': return this.#yaml(outcome, transformed);
      case 'protobuf': return transformed === undefined ? this.#protobufOf(outcome) : this.#protobuf.object(transformed as KubeObject);
    }
  }

  /** The encoding of an answer: what is no API object stays JSON. */
  encodingOf(outcome: Outcome, asked: Encoding): Encoding {
    return asked === 'protobuf' && outcome.type === 'document' && !this.#protobuf.has(outcome.body) ? 'json' : asked;
  }

  async #yaml(outcome: Outcome, transformed: object | undefined): Promise<readonly Buffer[]> {
    return encodeYaml(transformed ?? parseExactJson(Buffer.concat(await this.#json(outcome)).toString()));
  }

  #json(outcome: Outcome): readonly Buffer[] | Promise<readonly Buffer[]> {
    switch (outcome.type) {
      case 'object': return [outcome.json?.() ?? jsonOf(writtenForm(this.#schema, outcome.resource)?.(outcome.object) ?? outcome.object)];
      case 'document': return [jsonOf(outcome.body)];
      case 'list': return this.#lists.encode(outcome);
    }
  }

  #protobufOf(outcome: Outcome): readonly Buffer[] | Promise<readonly Buffer[]> {
    switch (outcome.type) {
      case 'object': return this.#protobuf.object(outcome.object);
      case 'document': return this.#protobuf.object(outcome.body as KubeObject);
      case 'list': return this.#protobuf.list(outcome);
    }
  }
}

const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function encodeYaml(value: unknown): Promise<readonly Buffer[]> {
  const { formatYaml } = await import('./yaml.ts');
  return [Buffer.from(formatYaml(value))];
}

export const isWorthCompressing = (length: number): boolean => length > MIN_GZIP_BYTES;

/** As Kubernetes reads it: named without a quality, which might be one of 0. */
export const takesGzip = (acceptEncoding: string | readonly string[] | undefined): boolean => String(acceptEncoding ?? '').split(',').some((encoding) => encoding.trim() === 'gzip');

/** Undefined when the client does not take gzip. */
export async function compress(parts: readonly Buffer[], acceptEncoding: string | readonly string[] | undefined): Promise<Buffer | undefined> {
  return takesGzip(acceptEncoding) ? gzipAsync(Buffer.concat(parts), { level: GZIP_LEVEL }) : undefined;
}
