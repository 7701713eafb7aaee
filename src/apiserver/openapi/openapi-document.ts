import { createHash } from 'node:crypto';
import { kept } from '#base/kept.ts';
import { DescriptionReader } from '#api/descriptions.ts';
import { pack } from '../http/packed.ts';
import type { TextAnswer } from '../paths.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = /^application\/com\.github\.proto-openapi\.spec\.(v[23])[.@]v1\.0\+protobuf$/;

export interface DocumentOptions {
  /** Always the same; called again rather than kept. */
  readonly text: (descriptions: DescriptionReader) => Buffer | Promise<Buffer>;
  readonly version: 'v2' | 'v3';
  readonly encode: (document: object) => Buffer;
}

/** One document in its two encodings. Each is made when it is first asked for, and kept compressed: most documents are only ever asked for their hash. */
export class OpenApiDocument {
  readonly #options: DocumentOptions;
  #hash: string | undefined;
  readonly #json = kept(() => this.#answer(JSON_TYPE));
  readonly #protobuf = kept(() => this.#answer(protobufType(this.#options.version), this.#options.encode));

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  /** Of the JSON text. Give a reader when several documents are asked in a row. */
  async hash(descriptions?: DescriptionReader): Promise<string> {
    return (this.#hash ??= hashOf(await this.#text(descriptions)));
  }

  async answer(accept: string | undefined): Promise<TextAnswer> {
    const { version } = this.#options;
    for (const type of acceptedTypes(accept)) {
      if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return this.#json();
      if (PROTOBUF_TYPE.exec(type)?.[1] === version) return this.#protobuf();
    }
    return { status: 406, headers: { vary: 'Accept' }, body: '' };
  }

  async #answer(contentType: string, encode?: DocumentOptions['encode']): Promise<TextAnswer> {
    const text = await this.#text();
    const etag = `"${(this.#hash ??= hashOf(text))}"`;
    const body = await pack(encode ? encode(JSON.parse(text.toString()) as object) : text);
    return { status: 200, contentType, headers: { etag, vary: 'Accept' }, body, isPacked: true };
  }

  async #text(descriptions?: DescriptionReader): Promise<Buffer> {
    return this.#options.text(descriptions ?? new DescriptionReader());
  }
}

const protobufType = (version: string): string => `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`;
const hashOf = (text: Buffer): string => createHash('sha512').update(text).digest('hex').toUpperCase();

/** In the client's order; what he has no wish for at all comes last, as in Kubernetes. */
function acceptedTypes(accept: string | undefined): readonly string[] {
  const ranges = (accept === undefined || accept === '' ? '*/*' : accept).split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((p) => p.trim());
    return { type: type.toLowerCase(), quality: Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1) };
  });
  return ranges.toSorted((a, b) => b.quality - a.quality).map((r) => r.type);
}
