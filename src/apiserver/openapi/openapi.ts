import { createHash } from 'node:crypto';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { resourcePaths } from './operations.ts';
import { type Dialect, type JsonSchema, TypeSchemas, V2, V3 } from './type-schemas.ts';

export interface OpenApiDocument {
  readonly json: Buffer;
  /** Of the content: clients cache a document under it for ever. */
  readonly hash: string;
}

/** The OpenAPI documents, written from the fact tables when they are first asked for. */
export interface OpenApi {
  /** The answer to GET /openapi/v3. */
  index(): { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> };
  /** `api/v1` or `apis/<group>/<version>`. */
  document(path: string): OpenApiDocument | undefined;
  /** The answer to GET /openapi/v2: everything in one. */
  v2(): Buffer;
}

const INFO = { title: 'Kubernetes', version: 'v1.36.0' };

/** `resources` is asked at each call, so that custom resources appear as soon as they are served. */
export function createOpenApi(schema: Schema, resources: () => readonly ResourceType[]): OpenApi {
  const cache = new Map<string, { readonly of: readonly ResourceType[]; readonly document: OpenApiDocument }>();

  const byPath = (): Map<string, ResourceType[]> => Map.groupBy(resources(), (r) => (r.group === '' ? 'api/v1' : `apis/${apiVersionOf(r)}`));

  const documentOf = (path: string, of: readonly ResourceType[]): OpenApiDocument => {
    const cached = cache.get(path);
    if (cached && cached.of.length === of.length && cached.of.every((r, i) => r === of[i])) return cached.document;
    const types = new TypeSchemas(schema, V3);
    const paths = pathsOf(of, types, V3);
    const json = Buffer.from(JSON.stringify({ openapi: '3.0.0', info: INFO, paths, components: { schemas: types.definitions } }));
    const document = { json, hash: createHash('sha512').update(json).digest('hex').toUpperCase() };
    cache.set(path, { of, document });
    return document;
  };

  return {
    index() {
      const entries = [...byPath()].map(([path, of]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${documentOf(path, of).hash}` }] as const);
      return { paths: Object.fromEntries(entries) };
    },
    document(path) {
      const of = byPath().get(path);
      return of && documentOf(path, of);
    },
    v2() {
      const types = new TypeSchemas(schema, V2);
      const paths = pathsOf(resources(), types, V2);
      return Buffer.from(JSON.stringify({ swagger: '2.0', info: INFO, paths, definitions: types.definitions }));
    },
  };
}

const pathsOf = (resources: readonly ResourceType[], types: TypeSchemas, dialect: Dialect): JsonSchema =>
  Object.assign({}, ...resources.map((resource) => resourcePaths(resource, types, dialect))) as JsonSchema;
