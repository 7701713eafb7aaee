import { isJsonObject, type JsonObject } from '#api/json.ts';
import { unpacked } from '../http/packed.ts';
import { gnosticV2 } from '../openapi/gnostic-v2.ts';
import { OpenApiDocument } from '../openapi/openapi-document.ts';
import type { OpenApi } from '../openapi/openapi.ts';
import type { TextAnswer } from '../paths.ts';
import type { ApiServices } from './api-services.ts';
import type { RemoteDocument, RemoteDocuments } from './remote-documents.ts';

type Documents = Pick<OpenApi, 'serve'>;
type Remote = Partial<RemoteDocument> & { readonly prefix: string };

/** The server's own OpenAPI documents with those of extension API servers; their v3 documents are served by themselves. */
export class MergedOpenApi implements Documents {
  readonly #own: Documents;
  readonly #services: ApiServices;
  readonly #documents: RemoteDocuments;
  #merged: { readonly own: string; readonly revision: number; readonly document: OpenApiDocument } | undefined;

  constructor(options: { readonly own: Documents; readonly services: ApiServices; readonly documents: RemoteDocuments }) {
    this.#own = options.own;
    this.#services = options.services;
    this.#documents = options.documents;
  }

  async serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): Promise<TextAnswer> {
    if (!this.#services.hasRemotes) return this.#own.serve(path, accept, query);
    if (path === '/openapi/v2') return (await this.#v2()).answer(accept);
    const own = await this.#own.serve(path, accept, query);
    return path === '/openapi/v3' ? this.#v3(own) : own;
  }

  /** Another one when one of its parts has changed. */
  async #v2(): Promise<OpenApiDocument> {
    const own = await this.#own.serve('/openapi/v2', 'application/json', {});
    const tag = own.headers?.['etag'] ?? '';
    const { revision } = this.#documents;
    if (this.#merged?.own !== tag || this.#merged.revision !== revision) {
      const remotes = this.#remotes();
      this.#merged = { own: tag, revision, document: new OpenApiDocument({ text: async () => joined(await unpacked(own), remotes), version: 'v2', encode: gnosticV2 }) };
    }
    return this.#merged.document;
  }

  #v3(own: TextAnswer): TextAnswer {
    const index = JSON.parse(own.body.toString()) as { readonly paths: JsonObject };
    const added = this.#remotes().flatMap(({ prefix, openApiV3 }) => (openApiV3 ? [[prefix.slice(1), { serverRelativeURL: openApiV3 }]] : []));
    return { ...own, body: JSON.stringify({ ...index, paths: { ...index.paths, ...Object.fromEntries(added) } }) };
  }

  #remotes(): readonly Remote[] {
    return this.#services.remotes().filter((r) => r.isAvailable).map((remote) => ({ ...this.#documents.of(remote), prefix: `/apis/${remote.group}/${remote.version}` }));
  }
}

const joined = (own: Buffer, remotes: readonly Remote[]): Buffer =>
  Buffer.from(JSON.stringify(remotes.reduce((merged, { prefix, openApiV2 }) => (openApiV2 ? merge(merged, openApiV2, prefix) : merged), JSON.parse(own.toString()) as JsonObject)));

/** Of the other document counts what lies below the prefix; types and parameters that both have (those of metadata and options) are the server's own. */
function merge(own: JsonObject, other: JsonObject, prefix: string): JsonObject {
  const paths = Object.entries(part(other, 'paths')).filter(([path]) => path === `${prefix}/` || path.startsWith(`${prefix}/`));
  const joined = (name: string): JsonObject => ({ ...part(other, name), ...part(own, name) });
  return { ...own, paths: { ...part(own, 'paths'), ...Object.fromEntries(paths) }, definitions: joined('definitions'), parameters: joined('parameters') };
}

function part(document: JsonObject, name: string): JsonObject {
  const value = document[name];
  return isJsonObject(value) ? value : {};
}
