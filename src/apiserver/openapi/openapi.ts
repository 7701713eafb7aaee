import { DescriptionReader } from '#api/descriptions.ts';
import type { TypeReference } from '#api/facts.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { unserved } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';
import { subresourceFacts } from '../discovery/subresources.ts';
import { VERSION } from '../discovery/version.ts';
import { CUSTOM_ROOTS, type CustomDialect, customListName, customName, customSchemas } from './custom-schemas.ts';
import { GroupedTypes } from './grouped-types.ts';
import { gnosticV2 } from './gnostic-v2.ts';
import { gnosticV3 } from './gnostic-v3.ts';
import { OpenApiDocument } from './openapi-document.ts';
import { pathsOf, type PathDialect, type PathSchemas } from './openapi-paths.ts';
import { SchemaNames } from './schema-names.ts';
import { schemasOf, type GroupVersionKind, type JsonSchema } from './schemas.ts';

const V3_PREFIX = '#/components/schemas/';
const V2_PREFIX = '#/definitions/';
const PATCHES_ONLY = /patch/;

const V3: PathDialect = {
  parameter: (name, place, type) => ({ name, in: place, ...(place === 'path' ? { required: true } : {}), schema: { type, uniqueItems: true } }),
  body: (schema, types) => ({ requestBody: { content: Object.fromEntries(types.map((t) => [t, { schema: PATCHES_ONLY.test(t) ? { type: 'object' } : { $ref: V3_PREFIX + schema } }])) } }),
  response: (schema, description, types) => ({
    description, content: schema === undefined ? { '*/*': { schema: { type: 'string' } } } : Object.fromEntries(types.map((t) => [t, { schema: { $ref: V3_PREFIX + schema } }])),
  }),
  produces: () => ({}),
};
const V2: PathDialect = {
  parameter: (name, place, type) => ({ name, in: place, type, uniqueItems: true, ...(place === 'path' ? { required: true } : {}) }),
  body: (schema, types) => {
    const isPatch = types.some((t) => PATCHES_ONLY.test(t));
    return { consumes: types, parameters: [{ name: 'body', in: 'body', required: true, schema: isPatch ? { type: 'object' } : { $ref: V2_PREFIX + schema } }] };
  },
  response: (schema, description) => ({ description, schema: schema === undefined ? { type: 'string' } : { $ref: V2_PREFIX + schema } }),
  produces: (types) => ({ produces: types }),
};

/** Kinds that only subresources have. */
const OTHER_KINDS: Readonly<Record<string, TypeReference>> = {
  Scale: 'autoscaling/v1.Scale', Eviction: 'policy/v1.Eviction', Binding: 'core/v1.Binding', TokenRequest: 'authentication/v1.TokenRequest',
};
/** Options of a deletion and the events of watches are of every group version. */
const inEveryVersion = (kind: string): readonly GroupVersionKind[] =>
  [...new Map(BUILT_IN_RESOURCES.map(({ group, version }) => [`${group}/${version}`, { group, version, kind }])).values()]
    .toSorted((a, b) => a.group.localeCompare(b.group) || a.version.localeCompare(b.version));
/** What operations take and answer besides the objects. */
const COMMON_KINDS: readonly (readonly [TypeReference, readonly GroupVersionKind[]])[] = [
  ['meta/v1.Status', [{ group: '', version: 'v1', kind: 'Status' }]], ['meta/v1.DeleteOptions', inEveryVersion('DeleteOptions')], ['meta/v1.WatchEvent', inEveryVersion('WatchEvent')],
];

/** Parts of the document of all resources, as JSON text without the outer braces; bytes, which take half the room of a text with one odd quote. */
interface Fragment {
  readonly paths: Buffer;
  readonly definitions: Buffer;
}

/** OpenAPI documents from the fact tables and from custom resources. Each part is made when it is first asked for, and again only when what it shows changes. */
export class OpenApi {
  readonly #schema: Schema;
  readonly #scheme: Scheme;
  readonly #groups: GroupedTypes;
  /** By the types that they show. */
  readonly #documents = new WeakMap<readonly ResourceType[], OpenApiDocument>();
  readonly #fragments = new WeakMap<ResourceType, Fragment>();
  #builtIn: Fragment | undefined;
  #whole: { readonly revision: number; readonly document: OpenApiDocument } | undefined;
  #names: SchemaNames | undefined;

  constructor(options: { readonly schema: Schema; readonly scheme: Scheme }) {
    this.#schema = options.schema;
    this.#scheme = options.scheme;
    this.#groups = new GroupedTypes(options.scheme);
  }

  /** @throws StatusError NotFound, NotAcceptable */
  serve(path: string, accept: string | undefined, query: Readonly<Record<string, string>>): TextAnswer {
    if (path === '/openapi/v2') return this.#v2().answer(accept);
    if (path === '/openapi/v3' || path === '/openapi/v3/') return { status: 200, contentType: 'application/json', body: JSON.stringify(this.#index()) };
    const groupVersion = /^\/openapi\/v3\/(?:apis\/(.+)|api\/(v1))$/.exec(path);
    const resources = this.#groups.get().get(groupVersion?.[1] ?? groupVersion?.[2] ?? '');
    if (resources === undefined) throw unserved();
    return underHash(this.#v3(resources), path, accept, query['hash']);
  }

  /** Hashed addresses, so that clients may keep documents for ever. */
  #index(): object {
    const descriptions = new DescriptionReader();
    const paths = [...this.#groups.get()].map(([version, resources]) => {
      const path = version.includes('/') ? `apis/${version}` : `api/${version}`;
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#v3(resources).hash(descriptions)}` }];
    });
    return { paths: Object.fromEntries(paths) };
  }

  #v3(resources: readonly ResourceType[]): OpenApiDocument {
    const known = this.#documents.get(resources);
    if (known) return known;
    const text = (descriptions: DescriptionReader): Buffer => {
      const schemas = this.#schemas(resources, { prefix: V3_PREFIX, isV2: false, descriptions });
      return Buffer.from(JSON.stringify({ openapi: '3.0.0', info: info(), paths: this.#paths(resources, V3), components: { schemas } }));
    };
    const made = new OpenApiDocument({ text, version: 'v3', encode: gnosticV3 });
    this.#documents.set(resources, made);
    return made;
  }

  /** One document of everything: joined from parts, most of which stay when a custom resource comes or goes. */
  #v2(): OpenApiDocument {
    const { revision } = this.#scheme;
    if (this.#whole?.revision === revision) return this.#whole.document;
    const custom = this.#scheme.all().filter((r) => r.facts === undefined);
    const document = new OpenApiDocument({ text: (descriptions) => this.#joined(custom, descriptions), version: 'v2', encode: gnosticV2 });
    this.#whole = { revision, document };
    return document;
  }

  #joined(custom: readonly ResourceType[], descriptions: DescriptionReader): Buffer {
    const dialect = { prefix: V2_PREFIX, isV2: true, descriptions };
    this.#builtIn ??= { paths: inner(this.#paths(BUILT_IN_RESOURCES, V2)), definitions: inner(this.#schemas(BUILT_IN_RESOURCES, dialect, CUSTOM_ROOTS)) };
    const parts = [this.#builtIn, ...custom.map((r) => this.#customFragment(r, dialect))];
    const join = (key: keyof Fragment): readonly Buffer[] => parts.map((p) => p[key]).filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? [part] : [COMMA, part]));
    const head = Buffer.from(`{"swagger":"2.0","info":${JSON.stringify(info())},"paths":{`);
    return Buffer.concat([head, ...join('paths'), Buffer.from('},"definitions":{'), ...join('definitions'), Buffer.from(`},${SECURITY}}`)]);
  }

  #customFragment(resource: ResourceType, dialect: CustomDialect): Fragment {
    const known = this.#fragments.get(resource);
    if (known) return known;
    const made: Fragment = { paths: inner(this.#paths([resource], V2)), definitions: inner(customSchemas(resource, dialect)) };
    this.#fragments.set(resource, made);
    return made;
  }

  #paths(resources: readonly ResourceType[], dialect: PathDialect): JsonSchema {
    return Object.assign({}, ...resources.map((r) => pathsOf(r, this.#schemasOfPaths(r), dialect))) as JsonSchema;
  }

  #schemasOfPaths(r: ResourceType): PathSchemas {
    const names = this.#schemaNames();
    const common = { deleteOptions: names.of('meta/v1.DeleteOptions'), status: names.of('meta/v1.Status'), watchEvent: names.of('meta/v1.WatchEvent'), of: (kind: string) => names.of(OTHER_KINDS[kind] ?? '') };
    if (r.facts === undefined) return { ...common, object: customName(r), list: customListName(r) };
    return { ...common, object: names.of(r.facts), list: names.of(`${r.facts}List`) };
  }

  #schemas(resources: readonly ResourceType[], dialect: CustomDialect, roots: readonly TypeReference[] = []): JsonSchema {
    const kinds = new Map<TypeReference, readonly GroupVersionKind[]>(COMMON_KINDS);
    for (const r of resources) for (const [type, kind] of this.#kindsOf(r)) kinds.set(type, [kind]);
    const custom = resources.filter((r) => r.facts === undefined);
    const built = schemasOf({ ...dialect, schema: this.#schema, names: this.#schemaNames() }, [...kinds.keys(), ...(custom.length > 0 ? CUSTOM_ROOTS : roots)], kinds);
    return Object.assign({}, ...custom.map((r) => customSchemas(r, dialect)), built) as JsonSchema;
  }

  /** The types of a resource's own kinds: the object, its list, and what its subresources take. */
  #kindsOf(r: ResourceType): readonly (readonly [TypeReference, GroupVersionKind])[] {
    const { group, version, kind } = r;
    const own: (readonly [TypeReference, GroupVersionKind])[] = r.facts === undefined ? [] : [[r.facts, { group, version, kind }]];
    if (r.facts !== undefined && r.verbs.includes('list')) own.push([`${r.facts}List`, { group, version, kind: `${kind}List` }]);
    for (const name of r.subresources) {
      const of = subresourceFacts(r, name);
      const type = OTHER_KINDS[of.kind];
      if (type !== undefined && of.kind !== kind) own.push([type, { group: of.group ?? group, version: of.version ?? version, kind: of.kind }]);
    }
    return own;
  }

  #schemaNames(): SchemaNames {
    this.#names ??= new SchemaNames(this.#schema);
    return this.#names;
  }
}

/** A document under its own hash never changes; whoever asks for an older one is sent to the present one. */
function underHash(document: OpenApiDocument, path: string, accept: string | undefined, hash: string | undefined): TextAnswer {
  if (hash === undefined || hash === '') return document.answer(accept);
  if (hash !== document.hash()) return { status: 301, contentType: 'text/plain; charset=utf-8', headers: { location: `${path}?hash=${document.hash()}` }, body: '' };
  const answer = document.answer(accept);
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2100 00:00:00 GMT' } };
}

const COMMA = Buffer.from(',');
/** Tokens are all that Kubernetes says of how clients show who they are. */
const SECURITY = '"securityDefinitions":{"BearerToken":{"description":"Bearer Token authentication","type":"apiKey","name":"authorization","in":"header"}},"security":[{"BearerToken":[]}]';
/** The members of an object as JSON text. */
const inner = (value: object): Buffer => Buffer.from(JSON.stringify(value).slice(1, -1));
const info = (): object => ({ title: 'Kubernetes', version: VERSION.gitVersion });
