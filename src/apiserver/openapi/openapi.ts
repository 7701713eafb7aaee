import { setImmediate } from 'node:timers/promises';
import { DescriptionReader } from '#api/descriptions.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { unserved } from '#api/status-error.ts';
import { kept } from '#base/kept.ts';
import type { TextAnswer } from '../paths.ts';
import { INFO, SECURITY } from './document-head.ts';
import { DocumentParts, type Shown } from './document-parts.ts';
import { gnosticV3 } from './gnostic-v3.ts';
import { GroupedTypes } from './grouped-types.ts';
import { OpenApiDocument } from './openapi-document.ts';
import { serverRoutes, versionRoutes } from './routes/server-routes.ts';
import { WholeDocument } from './whole-document.ts';

const ROOT = '/openapi/v3';

/** OpenAPI documents from the fact tables and from custom resources. Each is made when it is first asked for, and again only when what it shows changes. */
export class OpenApi {
  readonly #groups: GroupedTypes;
  readonly #parts: DocumentParts;
  readonly #whole: WholeDocument;
  /** Of group versions, by the types that they show. */
  readonly #documents = new WeakMap<readonly ResourceType[], OpenApiDocument>();
  /** Of what the server tells of itself, by path. */
  readonly #server: ReadonlyMap<string, OpenApiDocument>;
  #indexed: { readonly groups: object; readonly text: () => Promise<string> } | undefined;

  constructor({ schema, scheme }: { readonly schema: Schema; readonly scheme: Scheme }) {
    this.#groups = new GroupedTypes(scheme);
    this.#parts = new DocumentParts(schema);
    this.#whole = new WholeDocument({ parts: this.#parts, scheme });
    this.#server = new Map(serverRoutes(BUILT_IN_RESOURCES).map((route) => [route.path.replaceAll(/^\/|\/$/g, ''), this.#made({ resources: [], routes: [route] })]));
  }

  /** @throws StatusError NotFound */
  async serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): Promise<TextAnswer> {
    if (path === '/openapi/v2') return this.#whole.document().answer(accept);
    if (path === ROOT || path === `${ROOT}/`) return { status: 200, contentType: 'application/json', body: await this.#index() };
    const document = path.startsWith(`${ROOT}/`) ? this.#all().get(path.slice(ROOT.length + 1)) : undefined;
    if (document === undefined) throw unserved();
    return underHash(document, path, accept, query['hash']);
  }

  /** Hashed addresses, so that clients may keep documents for ever. Made once for as long as the resources stay the same. */
  #index(): Promise<string> {
    const groups = this.#groups.get();
    if (this.#indexed?.groups !== groups) this.#indexed = { groups, text: kept(() => this.#makeIndex()) };
    return this.#indexed.text();
  }

  async #makeIndex(): Promise<string> {
    const descriptions = new DescriptionReader();
    const paths: Record<string, object> = {};
    for (const [path, document] of this.#all()) {
      paths[path] = { serverRelativeURL: `${ROOT}/${path}?hash=${await document.hash(descriptions)}` };
      // A document in each turn of the event loop, for which other requests would wait.
      await setImmediate();
    }
    return JSON.stringify({ paths });
  }

  #all(): ReadonlyMap<string, OpenApiDocument> {
    const groups = [...this.#groups.get()].map(([version, resources]) => [version.includes('/') ? `apis/${version}` : `api/${version}`, this.#ofGroup(resources)] as const);
    return new Map([...this.#server, ...groups]);
  }

  #ofGroup(resources: readonly ResourceType[]): OpenApiDocument {
    let known = this.#documents.get(resources);
    if (known === undefined) this.#documents.set(resources, (known = this.#made({ resources, routes: versionRoutes(resources) })));
    return known;
  }

  #made(shown: Shown): OpenApiDocument {
    const text = (descriptions: DescriptionReader): Buffer => {
      const { paths, schemas } = this.#parts.of(shown, { version: 'v3', descriptions });
      return Buffer.from(JSON.stringify({ openapi: '3.0.0', info: INFO, paths, components: { ...(Object.keys(schemas).length > 0 ? { schemas } : {}), securitySchemes: SECURITY } }));
    };
    return new OpenApiDocument({ text, version: 'v3', encode: gnosticV3 });
  }
}

const redirected = ({ contentType = '', headers }: TextAnswer, location: string): TextAnswer => ({ status: 301, contentType, headers: { ...headers, location }, body: '' });

/** A document under its own hash never changes; whoever asks for an older one is sent to the present one. */
async function underHash(document: OpenApiDocument, path: string, accept: string | undefined, hash: string | undefined): Promise<TextAnswer> {
  if (hash === undefined || hash === '') return document.answer(accept);
  const answer = await document.answer(accept);
  if (answer.status !== 200) return answer;
  const present = await document.hash();
  if (hash !== present) return redirected(answer, `${path}?hash=${present}`);
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2100 00:00:00 GMT' } };
}
