import { createHash } from 'node:crypto';
import { DescriptionReader } from '#api/descriptions.ts';
import { StatusError } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = /^application\/com\.github\.proto-openapi\.spec\.(v[23])[.@]v1\.0\+protobuf$/;

export interface DocumentOptions {
  /** Always the same; called again rather than kept. */
  readonly text: (descriptions: DescriptionReader) => Buffer;
  readonly version: 'v2' | 'v3';
  readonly encode: (document: object) => Buffer;
}

/** One document in its two encodings. Each is made when it is first asked for: most documents are only ever asked for their hash. */
export class OpenApiDocument {
  readonly #text: DocumentOptions['text'];
  readonly #version: 'v2' | 'v3';
  readonly #encode: DocumentOptions['encode'];
  #hash: string | undefined;
  #json: Buffer | undefined;
  #protobuf: Buffer | undefined;

  constructor({ text, version, encode }: DocumentOptions) {
    this.#text = text;
    this.#version = version;
    this.#encode = encode;
  }

  /** Of the JSON text. Give a reader when several documents are asked in a row. */
  hash(descriptions?: DescriptionReader): string {
    return (this.#hash ??= hashOf(this.#json ?? this.#text(descriptions ?? new DescriptionReader())));
  }

  /** @throws StatusError NotAcceptable */
  answer(accept: string | undefined): TextAnswer {
    for (const type of acceptedTypes(accept)) {
      if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return this.#answer(JSON_TYPE, (this.#json ??= this.#made()));
      if (PROTOBUF_TYPE.exec(type)?.[1] === this.#version) return this.#answer(`application/com.github.proto-openapi.spec.${this.#version}.v1.0+protobuf`, (this.#protobuf ??= this.#encode(JSON.parse(this.#made().toString()) as object)));
    }
    throw new StatusError('NotAcceptable', `only the following media types are accepted: ${JSON_TYPE}, application/com.github.proto-openapi.spec.${this.#version}.v1.0+protobuf`);
  }

  #answer(contentType: string, body: Buffer): TextAnswer {
    return { status: 200, contentType, headers: { etag: `"${this.hash()}"`, vary: 'Accept', 'x-varied-accept': contentType }, body };
  }

  #made(): Buffer {
    const text = this.#json ?? this.#text(new DescriptionReader());
    this.#hash ??= hashOf(text);
    return text;
  }
}

const hashOf = (text: Buffer): string => createHash('sha512').update(text).digest('hex').toUpperCase();

/** In the client's order. */
function acceptedTypes(accept: string | undefined): readonly string[] {
  const ranges = (accept === undefined || accept === '' ? '*/*' : accept).split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((p) => p.trim());
    return { type: type.toLowerCase(), quality: Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1) };
  });
  return ranges.filter((r) => r.quality > 0).toSorted((a, b) => b.quality - a.quality).map((r) => r.type);
}
