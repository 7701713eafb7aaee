import { createHash } from 'node:crypto';
import { StatusError } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = /^application\/com\.github\.proto-openapi\.spec\.(v[23])[.@]v1\.0\+protobuf$/;

/** One document in its two encodings; the second is made when it is first asked for. */
export class OpenApiDocument {
  readonly body: string;
  /** Of the JSON text. */
  readonly hash: string;
  readonly #version: 'v2' | 'v3';
  readonly #encode: (document: object) => Buffer;
  #protobuf: Buffer | undefined;

  constructor(options: { readonly body: string; readonly version: 'v2' | 'v3'; readonly encode: (document: object) => Buffer }) {
    this.body = options.body;
    this.hash = createHash('sha512').update(options.body).digest('hex').toUpperCase();
    this.#version = options.version;
    this.#encode = options.encode;
  }

  /** @throws StatusError NotAcceptable */
  answer(accept: string | undefined): TextAnswer {
    for (const type of acceptedTypes(accept)) {
      if (type === JSON_TYPE || type === '*/*' || type === 'application/*') return this.#answer(JSON_TYPE, this.body);
      if (PROTOBUF_TYPE.exec(type)?.[1] === this.#version) return this.#answer(`application/com.github.proto-openapi.spec.${this.#version}.v1.0+protobuf`, this.#bytes());
    }
    throw new StatusError('NotAcceptable', `only the following media types are accepted: ${JSON_TYPE}, application/com.github.proto-openapi.spec.${this.#version}.v1.0+protobuf`);
  }

  #answer(contentType: string, body: string | Buffer): TextAnswer {
    return { status: 200, contentType, headers: { etag: `"${this.hash}"`, vary: 'Accept', 'x-varied-accept': contentType }, body };
  }

  #bytes(): Buffer {
    this.#protobuf ??= this.#encode(JSON.parse(this.body) as object);
    return this.#protobuf;
  }
}

/** In the client's order. */
function acceptedTypes(accept: string | undefined): readonly string[] {
  const ranges = (accept === undefined || accept === '' ? '*/*' : accept).split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((p) => p.trim());
    return { type: type.toLowerCase(), quality: Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1) };
  });
  return ranges.filter((r) => r.quality > 0).toSorted((a, b) => b.quality - a.quality).map((r) => r.type);
}
