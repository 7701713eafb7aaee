import { createHash } from 'node:crypto';
import type { TypeReference } from '#api/facts.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { StatusError } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';
import { unserved } from '../request-info.ts';
import { VERSION } from '../discovery/version.ts';
import { pathsOf, type PathDialect } from './openapi-paths.ts';
import { SchemaNames } from './schema-names.ts';
import { schemasOf, type GroupVersionKind, type JsonSchema } from './schemas.ts';

const V3_PREFIX = '#/components/schemas/';
const V2_PREFIX = '#/definitions/';
const JSON_TYPE = 'application/json';
const PATCHES_ONLY = /patch/;

const V3: PathDialect = {
  parameter: (name, place, type) => ({ name, in: place, ...(place === 'path' ? { required: true } : {}), schema: { type, uniqueItems: true } }),
  body: (schema, types) => ({ requestBody: { content: Object.fromEntries(types.map((t) => [t, { schema: PATCHES_ONLY.test(t) ? { type: 'object' } : { $ref: V3_PREFIX + schema } }])) } }),
  response: (schema) => ({ description: 'OK', content: { [JSON_TYPE]: { schema: { $ref: V3_PREFIX + schema } } } }),
};
const V2: PathDialect = {
  parameter: (name, place, type) => ({ name, in: place, type, uniqueItems: true, ...(place === 'path' ? { required: true } : {}) }),
  body: (schema, types) => ({ consumes: types, parameters: [{ name: 'body', in: 'body', required: true, schema: { $ref: V2_PREFIX + schema } }] }),
  response: (schema) => ({ description: 'OK', schema: { $ref: V2_PREFIX + schema } }),
};

/** OpenAPI documents from the fact tables. Each is made when it is first asked for, and again when the scheme changes. */
export class OpenApi {
  readonly #schema: Schema;
  readonly #scheme: Scheme;
  readonly #documents = new Map<string, { readonly body: string; readonly hash: string }>();
  #names: SchemaNames | undefined;
  #served = '';

  constructor(options: { readonly schema: Schema; readonly scheme: Scheme }) {
    this.#schema = options.schema;
    this.#scheme = options.scheme;
  }

  /** @throws StatusError NotFound, NotAcceptable (protobuf) */
  serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): TextAnswer {
    this.#refresh();
    if (path === '/openapi/v2') return this.#answer(accept, this.#document('v2', () => this.#v2()));
    if (path === '/openapi/v3') return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(this.#index()) };
    const groupVersion = /^\/openapi\/v3\/(?:apis\/(.+)|api\/(v1))$/.exec(path);
    const wanted = groupVersion?.[1] ?? groupVersion?.[2];
    const resources = this.#scheme.all().filter((r) => apiVersionOf(r) === wanted);
    if (wanted === undefined || resources.length === 0) throw unserved();
    const document = this.#document(wanted, () => this.#v3(resources));
    const answer = this.#answer(accept, document);
    // A document under its own hash never changes.
    return query['hash'] === document.hash ? { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2100 00:00:00 GMT' } } : answer;
  }

  #answer(accept: string | undefined, document: { readonly body: string; readonly hash: string }): TextAnswer {
    const types = (accept ?? '*/*').split(',').map((t) => t.split(';', 1)[0]?.trim());
    if (!types.some((t) => t === JSON_TYPE || t === '*/*' || t === 'application/*')) throw new StatusError('NotAcceptable', 'only application/json is served', { details: {} });
    return { status: 200, contentType: JSON_TYPE, headers: { etag: `"${document.hash}"`, 'x-varied-accept': JSON_TYPE }, body: document.body };
  }

  /** Hashed addresses, so that clients may keep documents for ever. */
  #index(): object {
    const versions = [...new Set(this.#scheme.all().map(apiVersionOf))];
    const paths = versions.map((version) => {
      const path = version.includes('/') ? `apis/${version}` : `api/${version}`;
      const { hash } = this.#document(version, () => this.#v3(this.#scheme.all().filter((r) => apiVersionOf(r) === version)));
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
    });
    return { paths: Object.fromEntries(paths) };
  }

  #v3(resources: readonly ResourceType[]): object {
    const schemas = this.#schemas(resources, V3_PREFIX);
    return { openapi: '3.0.0', info: info(), paths: this.#paths(resources, V3), components: { schemas } };
  }

  #v2(): object {
    const resources = this.#scheme.all();
    return { swagger: '2.0', info: info(), paths: this.#paths(resources, V2), definitions: this.#schemas(resources, V2_PREFIX) };
  }

  #paths(resources: readonly ResourceType[], dialect: PathDialect): JsonSchema {
    return Object.assign({}, ...resources.filter((r) => r.facts !== undefined).map((r) => pathsOf(r, this.#nameOf(r.facts ?? ''), dialect))) as JsonSchema;
  }

  #schemas(resources: readonly ResourceType[], prefix: string): JsonSchema {
    const kinds = new Map<TypeReference, GroupVersionKind>();
    for (const r of resources) if (r.facts !== undefined) kinds.set(r.facts, { group: r.group, version: r.version, kind: r.kind });
    return schemasOf({ schema: this.#schema, names: this.#schemaNames(), prefix }, kinds.keys(), kinds);
  }

  #nameOf(reference: TypeReference): string {
    return this.#schemaNames().of(reference);
  }

  #schemaNames(): SchemaNames {
    this.#names ??= new SchemaNames(this.#schema);
    return this.#names;
  }

  #document(key: string, make: () => object): { readonly body: string; readonly hash: string } {
    const known = this.#documents.get(key);
    if (known) return known;
    const body = JSON.stringify(make());
    const made = { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() };
    this.#documents.set(key, made);
    return made;
  }

  #refresh(): void {
    const served = this.#scheme.all().map((r) => `${apiVersionOf(r)}/${r.plural}`).join();
    if (served !== this.#served) this.#documents.clear();
    this.#served = served;
  }
}

const info = (): object => ({ title: 'Kubernetes', version: VERSION.gitVersion });
