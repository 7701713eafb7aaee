import { createHash } from 'node:crypto';
import type { TypeReference } from '#api/facts.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { StatusError } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';
import { unserved } from '../request-info.ts';
import { VERSION } from '../discovery/version.ts';
import { CUSTOM_ROOTS, customListName, customName, customSchemas } from './custom-schemas.ts';
import { GroupedTypes } from './grouped-types.ts';
import { pathsOf, type PathDialect, type PathSchemas } from './openapi-paths.ts';
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

interface Document {
  readonly body: string;
  readonly hash: string;
}

/** Parts of the document of all resources, as JSON text without the outer braces. */
interface Fragment {
  readonly paths: string;
  readonly definitions: string;
}

/** OpenAPI documents from the fact tables and from custom resources. Each part is made when it is first asked for, and again only when what it shows changes. */
export class OpenApi {
  readonly #schema: Schema;
  readonly #scheme: Scheme;
  readonly #groups: GroupedTypes;
  /** By the types that they show. */
  readonly #documents = new WeakMap<readonly ResourceType[], Document>();
  readonly #fragments = new WeakMap<ResourceType, Fragment>();
  #builtIn: Fragment | undefined;
  #whole: { readonly revision: number; readonly document: Document } | undefined;
  #names: SchemaNames | undefined;

  constructor(options: { readonly schema: Schema; readonly scheme: Scheme }) {
    this.#schema = options.schema;
    this.#scheme = options.scheme;
    this.#groups = new GroupedTypes(options.scheme);
  }

  /** @throws StatusError NotFound, NotAcceptable (protobuf) */
  serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): TextAnswer {
    if (path === '/openapi/v2') return this.#answer(accept, this.#v2());
    if (path === '/openapi/v3') return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(this.#index()) };
    const groupVersion = /^\/openapi\/v3\/(?:apis\/(.+)|api\/(v1))$/.exec(path);
    const resources = this.#groups.get().get(groupVersion?.[1] ?? groupVersion?.[2] ?? '');
    if (resources === undefined) throw unserved();
    const document = this.#v3(resources);
    const answer = this.#answer(accept, document);
    // A document under its own hash never changes.
    return query['hash'] === document.hash ? { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2100 00:00:00 GMT' } } : answer;
  }

  #answer(accept: string | undefined, document: Document): TextAnswer {
    const types = (accept ?? '*/*').split(',').map((t) => t.split(';', 1)[0]?.trim());
    if (!types.some((t) => t === JSON_TYPE || t === '*/*' || t === 'application/*')) throw new StatusError('NotAcceptable', 'only application/json is served', { details: {} });
    return { status: 200, contentType: JSON_TYPE, headers: { etag: `"${document.hash}"`, 'x-varied-accept': JSON_TYPE }, body: document.body };
  }

  /** Hashed addresses, so that clients may keep documents for ever. */
  #index(): object {
    const paths = [...this.#groups.get()].map(([version, resources]) => {
      const path = version.includes('/') ? `apis/${version}` : `api/${version}`;
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#v3(resources).hash}` }];
    });
    return { paths: Object.fromEntries(paths) };
  }

  #v3(resources: readonly ResourceType[]): Document {
    const known = this.#documents.get(resources);
    if (known) return known;
    const schemas = this.#schemas(resources, V3_PREFIX);
    const made = documentOf(JSON.stringify({ openapi: '3.0.0', info: info(), paths: this.#paths(resources, V3), components: { schemas } }));
    this.#documents.set(resources, made);
    return made;
  }

  /** One document of everything: joined from parts, most of which stay when a custom resource comes or goes. */
  #v2(): Document {
    const { revision } = this.#scheme;
    if (this.#whole?.revision === revision) return this.#whole.document;
    const all = this.#scheme.all();
    this.#builtIn ??= this.#fragment(BUILT_IN_RESOURCES, CUSTOM_ROOTS);
    const parts = [this.#builtIn, ...all.filter((r) => r.facts === undefined).map((r) => this.#customFragment(r))];
    const join = (key: keyof Fragment): string => parts.map((p) => p[key]).filter((text) => text !== '').join(',');
    const document = documentOf(`{"swagger":"2.0","info":${JSON.stringify(info())},"paths":{${join('paths')}},"definitions":{${join('definitions')}}}`);
    this.#whole = { revision, document };
    return document;
  }

  #customFragment(resource: ResourceType): Fragment {
    const known = this.#fragments.get(resource);
    if (known) return known;
    const made: Fragment = { paths: inner(this.#paths([resource], V2)), definitions: inner(customSchemas(resource, { prefix: V2_PREFIX, isV2: true })) };
    this.#fragments.set(resource, made);
    return made;
  }

  #fragment(resources: readonly ResourceType[], roots: readonly TypeReference[]): Fragment {
    return { paths: inner(this.#paths(resources, V2)), definitions: inner(this.#schemas(resources, V2_PREFIX, roots)) };
  }

  #paths(resources: readonly ResourceType[], dialect: PathDialect): JsonSchema {
    return Object.assign({}, ...resources.map((r) => pathsOf(r, this.#schemasOfPaths(r), dialect))) as JsonSchema;
  }

  #schemasOfPaths(r: ResourceType): PathSchemas {
    const scale = this.#schemaNames().of('autoscaling/v1.Scale');
    if (r.facts === undefined) return { object: customName(r), list: customListName(r), scale };
    const object = this.#schemaNames().of(r.facts);
    return { object, list: object, scale };
  }

  #schemas(resources: readonly ResourceType[], prefix: string, roots: readonly TypeReference[] = []): JsonSchema {
    const kinds = new Map<TypeReference, GroupVersionKind>();
    for (const r of resources) if (r.facts !== undefined) kinds.set(r.facts, { group: r.group, version: r.version, kind: r.kind });
    const custom = resources.filter((r) => r.facts === undefined);
    const built = schemasOf({ schema: this.#schema, names: this.#schemaNames(), prefix }, [...kinds.keys(), ...(custom.length > 0 ? CUSTOM_ROOTS : roots)], kinds);
    return Object.assign({}, ...custom.map((r) => customSchemas(r, { prefix, isV2: false })), built) as JsonSchema;
  }

  #schemaNames(): SchemaNames {
    this.#names ??= new SchemaNames(this.#schema);
    return this.#names;
  }
}

const documentOf = (body: string): Document => ({ body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() });
/** The members of an object as JSON text. */
const inner = (value: object): string => JSON.stringify(value).slice(1, -1);
const info = (): object => ({ title: 'Kubernetes', version: VERSION.gitVersion });
