import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { pack, unpacked } from '../http/packed.ts';
import type { OpenApi } from '../openapi/openapi.ts';
import type { TextAnswer } from '../paths.ts';
import type { ApiServices } from './api-services.ts';
import type { RemoteDocument, RemoteDocuments } from './remote-documents.ts';

type Documents = Pick<OpenApi, 'serve'>;

/** The server's own OpenAPI documents with those of extension API servers; their v3 documents are served by themselves. */
export class MergedOpenApi implements Documents {
  readonly #own: Documents;
  readonly #services: ApiServices;
  readonly #documents: RemoteDocuments;
  #merged: { readonly own: string; readonly revision: number; readonly answer: TextAnswer } | undefined;

  constructor(options: { readonly own: Documents; readonly services: ApiServices; readonly documents: RemoteDocuments }) {
    this.#own = options.own;
    this.#services = options.services;
    this.#documents = options.documents;
  }

  async serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): Promise<TextAnswer> {
    const own = await this.#own.serve(path, accept, query);
    if (!this.#services.hasRemotes) return own;
    if (path === '/openapi/v2') return this.#v2(own);
    return path === '/openapi/v3' ? this.#v3(own) : own;
  }

  /** Made again when one of its parts has changed. */
  async #v2(own: TextAnswer): Promise<TextAnswer> {
    const tag = own.headers?.['etag'] ?? '';
    const { revision } = this.#documents;
    if (own.contentType !== 'application/json') return own;
    if (this.#merged?.own === tag && this.#merged.revision === revision) return this.#merged.answer;
    const text = (await unpacked(own)).toString();
    const body = JSON.stringify(this.#remotes().reduce((merged, { prefix, openApiV2 }) => (openApiV2 ? merge(merged, openApiV2, prefix) : merged), JSON.parse(text) as JsonObject));
    const etag = `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`;
    const answer: TextAnswer = { ...own, headers: { ...own.headers, etag }, body: await pack(body), isPacked: true };
    this.#merged = { own: tag, revision, answer };
    return answer;
  }

  #v3(own: TextAnswer): TextAnswer {
    const index = JSON.parse(own.body.toString()) as { readonly paths: JsonObject };
    const added = this.#remotes().flatMap(({ prefix, openApiV3 }) => (openApiV3 ? [[prefix.slice(1), { serverRelativeURL: openApiV3 }]] : []));
    return { ...own, body: JSON.stringify({ ...index, paths: { ...index.paths, ...Object.fromEntries(added) } }) };
  }

  #remotes(): readonly (Partial<RemoteDocument> & { readonly prefix: string })[] {
    return this.#services.remotes().filter((r) => r.isAvailable).map((remote) => ({ ...this.#documents.of(remote), prefix: `/apis/${remote.group}/${remote.version}` }));
  }
}

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
